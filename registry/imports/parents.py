"""Parents of runs: checked for cycles in the first pass, linked once all runs are there."""

from collections.abc import Iterator, Mapping
from itertools import islice

from registry.models import ImportedItem, TrainingRun
from registry.services.run_rows import bump
from registry.sync import run_body

from .book import Book
from .records import Problem, Progress
from .transactions import writing

CHUNK = 200


def examine_parents(book: Book) -> None:
    """Refuse runs that are their own ancestors; note parents that are not there."""
    for child in cyclic(book.parents):
        cause = f"Its parents lead back to itself (the next is {book.parents[child][:100]!r})."
        problem = Problem(f"run {child}", cause, "Clear the parent of one of them.", "run", child)
        book.findings.add(problem)
    for child, parent in list(book.parents.items()):
        if book.findings.is_refused("run", child):
            del book.parents[child]
        elif parent not in book.seen["run"] or book.findings.is_refused("run", parent):
            del book.parents[child]
            why = "is not in the source" if parent not in book.seen["run"] else "is refused"
            cause = f"Its parent {parent[:100]!r} {why}; it is imported without one."
            book.findings.add(Problem(f"run {child}", cause, "Nothing, if that is right.", "parent", child))


def cyclic(parents: Mapping[str, str]) -> list[str]:
    """The children that are their own ancestors, in their order."""
    state: dict[str, bool] = {}  # whether it is on a cycle
    for start in parents:
        path: dict[str, None] = {}
        each = start
        while each in parents and each not in state and each not in path:
            path[each] = None
            each = parents[each]
        is_on_cycle = False
        for member in path:
            is_on_cycle = is_on_cycle or (member == each and each not in state)
            state[member] = is_on_cycle
    return [child for child in parents if state[child]]


def link_parents(book: Book) -> Iterator[Progress]:
    """Give the imported runs their parents; again changes nothing."""
    pairs = iter(list(book.parents.items()))
    done = 0
    while chunk := list(islice(pairs, CHUNK)):
        with writing(book):
            _link(book, dict(chunk))
        done += len(chunk)
        yield Progress("link parents", done, len(book.parents))


def _link(book: Book, parents: Mapping[str, str]) -> None:
    wanted = {*parents, *parents.values()}
    items = ImportedItem.objects.filter(imported_by=book.current, kind="run", source_id__in=wanted)
    ours = dict(items.values_list("source_id", "our_id"))
    rows = TrainingRun.objects.select_for_update(of=("self",)).select_related("experiment", "dataset")
    runs = {run.run_id: run for run in rows.filter(run_id__in=ours.values()).order_by("pk")}
    for child, parent in parents.items():
        run, above = runs.get(ours.get(child, "")), runs.get(ours.get(parent, ""))
        if run is None or above is None or run.parent_id is not None:
            continue
        run.parent = above
        bump(run, "parent")
        run_body.promise_parent(run=run)
        items.filter(source_id=child).update(version=run.version)
