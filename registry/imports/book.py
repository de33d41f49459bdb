"""What an import knows while it works: its row, what is here already, what was refused."""

import zlib
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from registry.enums import ImportedKind, ImportState
from registry.exceptions import ConflictError
from registry.models import Import, ImportedItem
from registry.postgres.one_at_a_time import one_at_a_time

from .experiments import Placed
from .findings import Findings
from .imprints import keep_imprint
from .records import ImportedModelLink, Source
from .terms import Terms

LOCK = 20_261_121
LIVE = (ImportState.RUNNING, ImportState.DONE)


@dataclass
class Book:
    """One import at work.

    Attributes:
        row: None until something is to be written, and on a dry run.
        done: source ids of what is here already, by kind; some 100 bytes each in memory.
        said: checksums of what the source said of runs and experiments that are here, where they are known.
        is_same: the source is to the byte what it was when it was imported whole.
        seen: source ids of what the first pass has met.
        experiments, datasets: where those of the source are kept.
        barred: experiments that are here by this import, and why nothing may join them now.
        gone: how many of what came earlier are purged by now, by kind.
        new_versions: how many versions of registered models that are here already are new, by source id.
        parents: run → its parent, by source id.
        links: of runs to logged models, which come after them.
    """

    source: Source
    terms: Terms
    row: Import | None = None
    done: dict[str, set[str]] = field(default_factory=dict)
    said: dict[tuple[str, str], str] = field(default_factory=dict)
    is_same: bool = False
    seen: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in ImportedKind.values})
    findings: Findings = field(default_factory=Findings)
    experiments: dict[str, Placed] = field(default_factory=dict)
    datasets: dict[str, Placed] = field(default_factory=dict)
    barred: dict[str, str] = field(default_factory=dict)
    gone: Counter[str] = field(default_factory=Counter)
    new_versions: dict[str, int] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    links: list[tuple[str, ImportedModelLink]] = field(default_factory=list)

    def is_done(self, kind: str, source_id: str) -> bool:
        """Whether this very thing is here by this import."""
        return source_id in self.done.get(kind, ())

    @property
    def current(self) -> Import:
        """The import's row.

        Raises:
            RuntimeError: nothing was written yet.
        """
        if self.row is None:
            raise RuntimeError("An import has no row before begin().")
        return self.row

    def held(self) -> Import:
        """The import's row, locked until the transaction ends.

        Raises:
            ConflictError: somebody is taking it back.
        """
        row = Import.objects.select_for_update(of=("self",)).get(pk=self.current.pk)
        if row.state not in LIVE:
            raise ConflictError(f"The import {row.pk} is {row.get_state_display().lower()} meanwhile.")
        return row

    def note(self, kind: str, source_id: str, placed: Placed, *, said: str = "") -> None:
        """Keep what a thing became, in the transaction that made it."""
        item = ImportedItem.objects.create(
            imported_by=self.current,
            kind=kind,
            source_id=source_id,
            our_id=placed.our_id,
            our_pk=placed.our_pk,
            is_new=placed.is_new,
            said=said,
            version=placed.version,
            is_verified=None,
        )
        keep_imprint(item)


def open_book(source: Source, terms: Terms) -> Book:
    """What is known of a source: the import that its place, or its content, began (two statements).

    Raises:
        ConflictError: that import is being taken back.
    """
    same = Q(place=source.place) | Q(fingerprint=source.fingerprint())
    found = list(Import.objects.filter(same, kind=source.kind).order_by("-pk"))
    if any(row.state == ImportState.UNDOING for row in found):
        raise ConflictError("The import of this source is being taken back. Wait until that has ended.")
    live = [row for row in found if row.state in LIVE]
    row = next((each for each in live if each.place == source.place), live[0] if live else None)
    book = Book(source, terms, row)
    if row is not None:
        book.is_same = _is_same(row, source)
        for kind, source_id, said in row.items.order_by().values_list("kind", "source_id", "said").iterator():
            book.done.setdefault(kind, set()).add(source_id)
            if said:
                book.said[kind, source_id] = said
    return book


def _is_same(row: Import, source: Source) -> bool:
    """Whether nothing in the source can have changed; MLflow's databases are known by counts only."""
    is_whole = row.state == ImportState.DONE and "changed" not in row.result.get("refused", {})
    return is_whole and source.kind != "mlflow" and row.fingerprint == source.fingerprint()


def alone(source: Source) -> AbstractContextManager[None]:
    """One command a source.

    Raises:
        ConflictError: another command is at it, as the context is entered.
    """
    otherwise = "Another command is importing this source. Wait until it has ended."
    return one_at_a_time((LOCK, zlib.crc32(source.place.encode()) - 2**31), otherwise=otherwise)


def begin(book: Book) -> None:
    """Write the import down, or that it goes on."""
    with transaction.atomic():
        options = {"experiment_prefix": book.terms.experiment_prefix}
        if book.row is None:
            book.row = Import.objects.create(
                kind=book.source.kind,
                place=book.source.place,
                fingerprint=book.source.fingerprint(),
                options=options,
                created_by=book.terms.user,
            )
            return
        book.row = book.held()
        book.row.state, book.row.ended_at = ImportState.RUNNING, None
        book.row.fingerprint = book.source.fingerprint()
        book.row.save(update_fields=["state", "ended_at", "fingerprint"])


def end(book: Book, result: dict[str, object]) -> None:
    """Write down how it ended."""
    with transaction.atomic():
        row = book.held()
        row.state, row.ended_at, row.result = ImportState.DONE, timezone.now(), result
        row.save(update_fields=["state", "ended_at", "result"])
