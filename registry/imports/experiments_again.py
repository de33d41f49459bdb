"""Experiments that an earlier call placed: whether what is new may still join them."""

from registry.enums import Lifecycle
from registry.exceptions import RegistryError
from registry.models import Experiment, ImportedItem
from registry.queries.permissions import authorize

from .book import Book
from .experiments import EDIT
from .records import LEFT_OUT, Problem

CURE = "Restore it, or have it shared with you; or take the import back and repeat it."


def bar_experiments(book: Book) -> None:
    """Find those that nothing may join by now; only what is new in them is refused, as it is met."""
    if book.row is None:
        return
    items = list(book.row.items.filter(kind="experiment").order_by("pk"))
    named = {item.our_id for item in items}
    rows = {row.experiment_id: row for row in Experiment.objects.filter(experiment_id__in=named)}
    for item in items:
        if why := _why_not(book, item, rows.get(item.our_id)):
            book.barred[item.source_id] = why
    _tell_prefix(book, len(items))


def is_barred(book: Book, source_id: str) -> bool:
    """Whether nothing may join this experiment; told once, when the first wants to."""
    if source_id in book.barred and not book.findings.is_refused("experiment", source_id):
        place = f"experiment {source_id}"
        book.findings.add(Problem(place, book.barred[source_id], CURE, "experiment", source_id))
    return book.findings.is_refused("experiment", source_id)


def _why_not(book: Book, item: ImportedItem, row: Experiment | None) -> str:
    if row is None:
        return "It was purged since it came."
    was_binned_there = item.is_new and row.version == item.version
    if row.lifecycle != Lifecycle.ACTIVE and not was_binned_there:
        return f"The experiment {row.name!r} is in the bin by now."
    if book.terms.user is not None:
        try:
            authorize(user=book.terms.user, level=EDIT, experiment=row)
        except RegistryError:
            return f"The experiment {row.name!r} came earlier, and you may not edit it."
    return ""


def _tell_prefix(book: Book, count: int) -> None:
    began_with = book.row.options.get("experiment_prefix", "") if book.row else ""
    if count and book.terms.experiment_prefix != began_with:
        cause = f"{count:,} experiments came earlier with the prefix {began_with!r}, and keep their names."
        cure = "Take the import back and repeat it, if they are to have another."
        book.findings.add(Problem("--experiment-prefix", cause, cure, LEFT_OUT))
