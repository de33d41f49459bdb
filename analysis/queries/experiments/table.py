"""One page of the experiments' table."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from analysis.queries.cursors import Cursor, dumped, loaded
from analysis.queries.experiments.figures import ExperimentFigures, experiment_figures
from registry.filters import EXPERIMENTS, parse_order, words_or_filter
from registry.models import Experiment
from registry.queries.search.experiments import experiments_page
from registry.queries.search.view_types import ViewType

PAGE_SIZE = 50
SORTS = {"newest": "creation_time DESC", "changed": "last_update_time DESC", "name": "name ASC"}
VIEWS = {"active": ViewType.ACTIVE_ONLY, "archived": ViewType.DELETED_ONLY, "all": ViewType.ALL}


@dataclass(frozen=True, slots=True)
class ExperimentFilter:
    """Which experiments: words of their names or a filter, which of the bin, in which order."""

    text: str = ""
    view: str = "active"
    sort: str = "newest"


@dataclass(frozen=True, slots=True)
class ExperimentRow:
    """An experiment, its tags, and what its runs and the viewer's level say of it."""

    experiment: Experiment
    tags: list[tuple[str, str]]
    figures: ExperimentFigures


@dataclass(frozen=True, slots=True)
class ExperimentPage:
    """A page of experiments, and the cursor of the next one (empty where there is none)."""

    rows: list[ExperimentRow]
    next_cursor: str = ""


def experiment_page(
    wanted: ExperimentFilter, *, viewer: User, cursor: str = "", size: int = PAGE_SIZE
) -> ExperimentPage:
    """The experiments that the viewer may read, from the cursor on (four statements).

    Raises:
        BadInputError: The text looks like a filter and can't be read as one, or has too many words.
    """
    sort = f"experiments:{wanted.sort}"
    place = loaded(cursor, sort=sort)
    page = experiments_page(
        user=viewer,
        condition=words_or_filter(wanted.text, EXPERIMENTS),
        orders=[parse_order(SORTS[wanted.sort], EXPERIMENTS)],
        view=VIEWS[wanted.view],
        after=place.values if place else None,
        size=size,
    )
    figures = experiment_figures([each.pk for each in page.rows], viewer=viewer)
    rows = [
        ExperimentRow(each, [(tag.key, tag.value) for tag in each.tags.all()], figures[each.pk])
        for each in page.rows
        if each.pk in figures
    ]
    return ExperimentPage(rows, dumped(Cursor(page.next_after), sort=sort) if page.next_after else "")
