"""What a case hands to a driver, and how its outcome is checked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .raw_driver import Seen

Request = tuple[str, str, str | int | None]
Check = Callable[[list[Seen]], None]


class WrongAnswerError(Exception):
    """A server's record or answer is not what was asked of it."""


@dataclass(frozen=True)
class Job:
    """The work of each client, and a check that raises :class:`WrongAnswerError`.

    ``clients``: for the raw driver its requests, for the real client its operation and arguments.
    ``keep``: how many of each client's answers the check wants to see.
    """

    clients: list[Any]
    check: Check
    keep: int = 0


def expect(found: object, expected: object, what: str) -> None:
    """Compare.

    Raises:
        WrongAnswerError: they differ.
    """
    if found != expected:
        raise WrongAnswerError(f"{what}: {_short(found)}, expected {_short(expected)}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"  # noqa: PLR2004
