"""Making one record: what can't be made is told in its place, and the next one follows."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from registry.imports.records import LEFT_OUT, Problem

from .values import UnreadableError

Record = TypeVar("Record")


def attempt(kind: str, place: str, source_id: str, make: Callable[[], Record]) -> Record | Problem:
    """The record, or why there is none."""
    try:
        return make()
    except UnreadableError as error:
        return Problem(shown(place), error.cause, error.cure, kind=kind, source_id=shown(source_id))


def left_out(place: str, told: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """Files that are not taken: each with its cause, and what helps."""
    for cause, cure in told:
        yield Problem(shown(place), cause, cure, kind=LEFT_OUT)


def shown(name: object) -> str:
    """A name for a report, whatever it holds."""
    return str(name)[:200].encode(errors="replace").decode()
