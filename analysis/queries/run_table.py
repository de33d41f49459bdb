"""One page of the runs table."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.contrib.auth.models import User

from analysis.queries.cursors import Cursor, dumped, loaded
from analysis.queries.run_columns import DEFAULT_SORT, RunColumn, Sorting, keys_shown, parsed_sort
from registry.filters import Node
from registry.queries.search.pages import Place
from registry.queries.search.run_cells import CellPage, RunCells, run_cells
from registry.queries.search.run_pages import RunSearch
from registry.queries.search.view_types import ViewType

PAGE_SIZE = 50
MOST_EXPORTED = 50_000
EXPORTED_AT_ONCE, LEAST_AT_ONCE = 5_000, 200


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which of the runs that the viewer may read, in which order, with which columns."""

    viewer: User
    condition: Node | None = None
    view: ViewType = ViewType.ACTIVE_ONLY
    sort: str = DEFAULT_SORT
    columns: tuple[RunColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class RunPage:
    """A page of runs, the cursors of its neighbours (empty where there is none), and its sorting."""

    rows: list[RunCells]
    sorting: Sorting
    previous_cursor: str = ""
    next_cursor: str = ""


def run_page(wanted: RunFilter, *, cursor: str = "", size: int = PAGE_SIZE) -> RunPage:
    """The page at the cursor; the first one where the cursor is empty or was not made here.

    One statement. A second one where going back passes the beginning: the first page then, so that no
    page is half empty.
    """
    sorting = parsed_sort(wanted.sort)
    at = loaded(cursor, sort=_salt(sorting))
    is_backwards = at is not None and at.is_backwards
    place = at.values if at else None
    search = replace(_search(wanted, sorting, size), after=place, is_backwards=is_backwards)
    found = _found(wanted, search)
    if is_backwards and not found.has_more:
        return run_page(wanted, size=size)
    has_previous = is_backwards or (at is not None and bool(found.rows))
    has_next = is_backwards or found.has_more
    return RunPage(
        rows=found.rows,
        sorting=sorting,
        previous_cursor=_cursor(found.first, sorting, is_backwards=True) if has_previous else "",
        next_cursor=_cursor(found.last, sorting, is_backwards=False) if has_next else "",
    )


def all_runs(wanted: RunFilter) -> Iterator[RunCells]:
    """The first 50,000 runs in order, read as they are taken.

    A statement for each 5,000, and for fewer with columns of params and tags, whose values may be long.
    """
    keys = keys_shown(wanted.columns)
    at_once = max(LEAST_AT_ONCE, EXPORTED_AT_ONCE // (1 + len(keys.params) + len(keys.tags)))
    search, remaining = _search(wanted, parsed_sort(wanted.sort), at_once), MOST_EXPORTED
    while remaining:
        found = _found(wanted, replace(search, size=min(at_once, remaining)))
        yield from found.rows
        remaining -= len(found.rows)
        if not found.has_more:
            return
        search = replace(search, after=found.last)


def _search(wanted: RunFilter, sorting: Sorting, size: int) -> RunSearch:
    return RunSearch(
        experiment_ids=None,
        condition=wanted.condition,
        orders=[sorting.order],
        view=wanted.view,
        size=size,
        are_params_numbers=True,
    )


def _found(wanted: RunFilter, search: RunSearch) -> CellPage:
    return run_cells(user=wanted.viewer, search=search, keys=keys_shown(wanted.columns))


def _salt(sorting: Sorting) -> str:
    return f"runs:{sorting.text}"


def _cursor(place: Place | None, sorting: Sorting, *, is_backwards: bool) -> str:
    return dumped(Cursor(place or (), is_backwards), sort=_salt(sorting))
