"""Everything that the comparison page shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.models import User

from . import sections
from .arranged import arranged, groups_of
from .bodies import Bodies, bodies_of
from .columns import ComparedColumn, GroupField
from .config_tree import ConfigTree, config_tree
from .curve_keys import curve_choices
from .curves import CurveChart, CurveLook, comparison_charts
from .facts import Facts, RunFacts
from .logged import Metrics, metrics_beyond, steps_of
from .metrics import MetricRows, metric_rows
from .plots import Plots, comparison_plots
from .runs import ComparedRun
from .state import ComparisonState
from .stores import Stores, stores_of
from .suggestions import Suggestion, suggestions
from .values import Rows, rows_of


@dataclass(frozen=True, slots=True)
class Section:
    """A table of values.

    Attributes:
        name: Its anchor in the page, and what its keys begin with in a file.
        empty: What is said where there is no row at all.
    """

    name: str
    title: str
    rows: Rows
    empty: str

    @property
    def is_alike(self) -> bool:
        """Whether it has rows, and all of them are the same in every run."""
        return bool(self.rows.shown) and not self.rows.differing


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs side by side.

    Attributes:
        state: The address, about the runs that are there.
        unknown: Ids that name no run that the viewer may read.
        group: The field that the columns are grouped by, empty for a column a run.
        curve_keys: The metrics whose curves are drawn.
        curve_choices: Those that have any, about 300 at most.
        curve_count: How many have any.
    """

    state: ComparisonState
    runs: list[ComparedRun]
    unknown: list[str]
    columns: list[ComparedColumn]
    group: str
    group_fields: list[GroupField]
    facts: dict[int, RunFacts]
    logged: Metrics
    metrics: MetricRows
    curve_keys: list[str]
    curve_choices: list[str]
    curve_count: int
    about: Section
    sections: list[Section]
    config: ConfigTree
    bodies: Bodies
    stores: Stores

    @property
    def base(self) -> ComparedColumn:
        """The column that the others are measured against."""
        return next(column for column in self.columns if column.is_base)

    @property
    def datasets(self) -> list[str]:
        """The names of the runs' main data sets, each once."""
        return list(dict.fromkeys(run.dataset.name for run in self.runs if run.dataset))

    @property
    def groups(self) -> dict[str, str] | None:
        """Run id → the label of its group; None for a column a run."""
        return groups_of(self.group, self.columns)


def comparison(state: ComparisonState, *, viewer: User) -> Comparison | None:
    """The runs of an address side by side; None where it names none that the viewer may read.

    Five statements and one read of MongoDB, whatever the number of runs; the curves are not among them.
    """
    found = arranged(state, viewer=viewer)
    if found is None:
        return None
    runs, columns, logged, drawn = found.runs, found.columns, found.logged, found.curve_keys
    choices, curve_count = curve_choices(logged, drawn)
    bodies = bodies_of(runs)
    is_short = state.only_differences
    return Comparison(
        state=state.among(tuple(run.run_id for run in runs)),
        runs=runs,
        unknown=[*state.malformed, *_missing(state, runs)],
        columns=columns,
        group=found.group,
        group_fields=found.group_fields,
        facts=found.read.of_runs,
        logged=logged,
        metrics=metric_rows(
            logged,
            columns,
            {} if found.group else steps_of(logged, show=state.show, first=drawn),
            show=state.show,
            only_differences=is_short,
            cut=metrics_beyond(logged, [run.pk for run in runs]),
        ),
        curve_keys=drawn,
        curve_choices=choices,
        curve_count=curve_count,
        about=Section("runs", "Runs", rows_of(sections.about(runs), columns, only_differences=False), ""),
        sections=_sections(runs, columns, found.read, bodies, only_differences=is_short),
        config=config_tree(sections.configs(runs, bodies.parts), columns, only_differences=is_short),
        bodies=bodies,
        stores=stores_of(runs, bodies),
    )


def curve_charts(found: Comparison) -> list[CurveChart]:
    """The curves of the comparison (one round trip to the cache, or a statement or two a metric)."""
    return _charts(found.state, found.runs, found.curve_keys, found.groups)


def curves_alone(state: ComparisonState, *, viewer: User) -> list[CurveChart]:
    """The same without the rest of the page: three statements before them, and no body is read."""
    found = arranged(state, viewer=viewer)
    if found is None:
        return []
    return _charts(state, found.runs, found.curve_keys, groups_of(found.group, found.columns))


def plots(found: Comparison) -> Plots:
    """Params against figures (no statement)."""
    state = found.state
    return comparison_plots(
        runs=found.runs,
        facts=found.facts,
        logged=found.logged,
        show=state.show,
        groups=found.groups,
        scatter_x=state.scatter_x,
        scatter_y=state.scatter_y,
    )


def to_add(state: ComparisonState, runs: Sequence[ComparedRun], *, viewer: User) -> list[Suggestion]:
    """Runs that may be added (one statement)."""
    return suggestions(state.find, beside=runs, viewer=viewer)


def _charts(
    state: ComparisonState,
    runs: Sequence[ComparedRun],
    keys: Sequence[str],
    groups: dict[str, str] | None,
) -> list[CurveChart]:
    look = CurveLook(x=state.x, y_log=state.y == "log", smoothing=state.smooth)
    return comparison_charts(runs=runs, keys=keys, look=look, groups=groups)


def _sections(
    runs: Sequence[ComparedRun],
    columns: Sequence[ComparedColumn],
    read: Facts,
    bodies: Bodies,
    *,
    only_differences: bool,
) -> list[Section]:
    facts = read.of_runs
    parts = (
        ("params", "Params", sections.of_facts(runs, facts, "params"), "No run has params."),
        ("datasets", "Data sets", sections.datasets(runs, facts), "No run names a data set."),
        ("code", "Code", sections.code(runs, facts, bodies.parts), "No run recorded its code."),
        (
            "environment",
            "Environment",
            sections.environment(runs, bodies.parts),
            "No run recorded its environment.",
        ),
        ("tags", "Tags", sections.of_facts(runs, facts, "tags"), "No run has tags."),
    )
    return [
        Section(name, title, replace(rows, cut=rows.cut + read.left_out.get(name, 0)), empty)
        for name, title, values, empty in parts
        for rows in [rows_of(values, columns, only_differences=only_differences)]
    ]


def _missing(state: ComparisonState, runs: Sequence[ComparedRun]) -> list[str]:
    there = {run.run_id for run in runs}
    return [run_id for run_id in state.run_ids if run_id not in there]
