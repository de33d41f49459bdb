"""Noting what is refused, and why."""

from registry.exceptions import BadInputError, BodyTooLargeError, RegistryError
from registry.services.names import checked_text

from .book import Book
from .records import Problem

TOO_LARGE = "Log large content as an artifact in the source, or take it out."
MAX_ID = 500
FIX = "Change it in the source, and import again: what is here stays."


def refuse(
    book: Book, kind: str, source_id: str, place: str, error: RegistryError, *, cure: str = ""
) -> None:
    """Note what a service said against a record."""
    usual = TOO_LARGE if isinstance(error, BodyTooLargeError) else FIX
    book.findings.add(Problem(place or f"{kind} {source_id}", str(error), cure or usual, kind, source_id))


def is_twice(book: Book, kind: str, source_id: str, place: str) -> bool:
    """Whether the first pass has met it before, or its id can't be kept; then that is noted."""
    try:
        checked_text(source_id, what="Its id", limit=MAX_ID)
    except BadInputError as error:
        refuse(book, kind, source_id, place, error)
        return True
    if source_id not in book.seen[kind]:
        book.seen[kind].add(source_id)
        return False
    cause = f"The id {source_id[:100]!r} is there twice; the first one counts."
    book.findings.add(
        Problem(place or f"{kind} {source_id}", cause, "Give each its own id.", f"second {kind}")
    )
    return True
