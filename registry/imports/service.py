"""Importing a source: examined whole, then written run by run, then compared with what the stores hold.

Death at any moment leaves whole runs and no others: the same call goes on where it stopped. The same call
after the end brings what is new in the source, and else nothing.
"""

import time
from collections.abc import Iterator
from typing import Any

from django.db.models import Count

from registry.models import ImportedItem

from . import book as books
from .book import Book
from .examining import examine
from .models_written import write_models
from .parents import link_parents
from .records import Progress, Source
from .report import ImportReport
from .terms import Terms
from .verifying import Verified, verify
from .writing import write_datasets, write_experiments, write_runs

Counts = dict[str, int]
IN_RESULT = 100


def import_source(source: Source, *, terms: Terms) -> Iterator[Progress | ImportReport]:
    """Import what is not here yet; ends with its report.

    Args:
        terms: whose it is, and whether one problem stops it all.

    Raises:
        ConflictError: the source's import is being taken back.
        StoreUnavailableError, OperationalError: PostgreSQL went away; the same call goes on.
    """
    began = time.perf_counter()
    with books.alone(source):
        yield from _import(source, terms, began)


def _import(source: Source, terms: Terms, began: float) -> Iterator[Progress | ImportReport]:
    book, verified = books.open_book(source, terms), Verified()
    before = {kind: len(ids) for kind, ids in book.done.items()}
    points = book.row.points if book.row else 0
    yield from examine(book)
    fitting = _fitting(book)
    is_refused = book.findings.is_fatal or (terms.is_strict and book.findings.has_problems)
    is_written = not is_refused and not terms.is_dry
    if is_written:
        yield from _write(book, verified)
        fitting = _brought(book, before)
        points = _points(book) - points
    report = ImportReport(
        import_id=book.row.pk if book.row else None, kind=source.kind, place=source.place,
        is_dry_run=terms.is_dry, imported={} if is_refused else fitting | _versions(book),
        there={kind: count - book.gone[kind] for kind, count in before.items()},
        refused=dict(book.findings.counts), problems=book.findings.kept, left_out=book.findings.left_out,
        verified=verified, seconds=time.perf_counter() - began, points=points if is_written else 0,
        is_written=is_written,
    )  # fmt: skip
    if is_written:
        books.end(book, _kept(report))
    yield report


def _write(book: Book, verified: Verified) -> Iterator[Progress]:
    books.begin(book)
    write_experiments(book)
    write_datasets(book)
    yield from write_runs(book)
    yield from write_models(book)
    yield from link_parents(book)
    yield from verify(book, verified)


def _fitting(book: Book) -> Counts:
    """What could be imported, by kind."""
    found = {}
    for kind, ids in book.seen.items():
        refused, done = book.findings.refused.get(kind, set()), book.done.get(kind, set())
        found[kind] = len(ids - refused - done)
    return found


def _brought(book: Book, before: Counts) -> Counts:
    items = ImportedItem.objects.filter(imported_by=book.current).order_by()
    now = dict(items.values_list("kind").annotate(n=Count("pk")))
    return {kind: now.get(kind, 0) - before.get(kind, 0) for kind in book.seen if kind in now}


def _versions(book: Book) -> Counts:
    """New versions of models that were here already."""
    refused = book.findings.refused.get("registered_model", set())
    count = sum(count for source_id, count in book.new_versions.items() if source_id not in refused)
    return {"model_version": count} if count else {}


def _points(book: Book) -> int:
    book.current.refresh_from_db(fields=["runs", "points"])
    return book.current.points


def _kept(report: ImportReport) -> dict[str, Any]:
    """The report as the import's row keeps it."""
    told = report.as_json()
    return told | {"problems": told["problems"][:IN_RESULT]}
