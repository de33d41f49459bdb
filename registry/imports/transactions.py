"""The transactions that an import writes in."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from registry.crash_points import crash_point
from registry.models import Import
from registry.sync.outbox import only_promised

from .book import Book


@contextmanager
def writing(book: Book) -> Iterator[Import]:
    """One transaction of an import, whose row is held in it; what is promised is left to the relay.

    Raises:
        ConflictError: somebody is taking the import back.
    """
    with only_promised(), transaction.atomic():
        yield book.held()
        crash_point("import.before_commit")
    crash_point("import.after_commit")
