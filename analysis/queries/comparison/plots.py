"""What the runs of a comparison have to do with each other: params against figures."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from analysis.charts.dimension import Dimension, dimension_of_texts
from analysis.charts.parallel_coordinates import parallel_coordinates
from analysis.charts.scatter import scatter
from analysis.charts.subject import Subject

from .curve_keys import MOST_CHOICES, curve_keys
from .directions import direction_of
from .facts import RunFacts
from .logged import Metrics, side_of
from .runs import ComparedRun

MOST_PARAMS, MOST_METRICS = 7, 3
LONGEST = 24
"""Characters of a text that an axis has room for, more or less."""
KINDS = PARAM, METRIC = "params.", "metrics."


@dataclass(frozen=True, slots=True)
class Scatter:
    """The scatter plot and what it could show.

    Attributes:
        x, y: The axes, as the address names them: ``params.lr``, ``metrics.val_loss``.
        choices: The names, the params that differ first; 300 of either kind at most, and the axes.
        more: How many names there are beside.
    """

    figure: SafeString
    x: str
    y: str
    choices: tuple[str, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Plots:
    """Both pictures; ``left_out`` params differ as well, and have no axis."""

    parallel: SafeString
    scatter: Scatter | None
    left_out: int


def comparison_plots(
    *,
    runs: Sequence[ComparedRun],
    facts: Mapping[int, RunFacts],
    logged: Metrics,
    show: str,
    groups: Mapping[str, str] | None,
    scatter_x: str,
    scatter_y: str,
) -> Plots:
    """Parallel coordinates of what differs, and a scatter plot of two of it (no statement).

    Args:
        runs: In the order of the page.
        facts: The params, by primary key.
        logged: The metrics.
        show: Which figure of a metric counts: ``best``, ``last``, ``min`` or ``max``.
        groups: The group of each run, whose lines light up together; None for each run by itself.
        scatter_x: The name of an axis; empty, or unknown, for the first param that differs.
        scatter_y: As ``scatter_x``; for the first metric that people look at.
    """
    subjects = [
        Subject(
            run.label,
            groups.get(run.run_id, run.run_id) if groups is not None else run.run_id,
            run.look,
            run.page,
        )
        for run in runs
    ]
    params, metrics = _params(runs, facts), _metrics(runs, logged, show)
    first = [f"{METRIC}{key}" for key in curve_keys(logged, [])] + list(metrics)
    figures = list(dict.fromkeys(name for name in first if name in metrics))
    short = [name for name, axis in params.items() if not _is_long(axis) and _is_common(axis)]
    drawn = [*short[:MOST_PARAMS], *figures[:MOST_METRICS]]
    known = params | metrics
    return Plots(
        parallel=parallel_coordinates(
            subjects, [known[name] for name in drawn], title="Params and figures of each run"
        ),
        scatter=_scatter(subjects, known, [*params, *figures], scatter_x, scatter_y),
        left_out=len(params) - len(short[:MOST_PARAMS]),
    )


def _params(runs: Sequence[ComparedRun], facts: Mapping[int, RunFacts]) -> dict[str, Dimension]:
    """The params with two values and more: short ones that most runs have first, lists and the like last."""
    found: dict[str, Dimension] = {}
    for key in sorted({key for run in runs for key in facts[run.pk].params}):
        texts = [facts[run.pk].params.get(key) for run in runs]
        if len(set(texts) - {None}) > 1:
            found[f"{PARAM}{key}"] = dimension_of_texts(key, texts)
    return dict(sorted(found.items(), key=lambda each: (_is_long(each[1]), each[1].values.count(None))))


def _is_common(axis: Dimension) -> bool:
    """Whether half of the runs have it: a line that is mostly gaps leads nowhere."""
    return axis.values.count(None) * 2 <= len(axis.values)


def _is_long(axis: Dimension) -> bool:
    return any(len(name) > LONGEST for name in axis.names)


def _metrics(runs: Sequence[ComparedRun], logged: Metrics, show: str) -> dict[str, Dimension]:
    found = {}
    for key in logged:
        there, side = [logged[key].get(run.pk) for run in runs], side_of(key, show)
        figures = [math.nan if each is None else each.figure(side) for each in there]
        axis = Dimension(key, [each if math.isfinite(each) else None for each in figures], direction_of(key))
        if not axis.is_empty:
            found[f"{METRIC}{key}"] = axis
    return found


def _scatter(
    subjects: Sequence[Subject], known: Mapping[str, Dimension], choices: Sequence[str], x: str, y: str
) -> Scatter | None:
    if not choices:
        return None
    numbers = (name for name in choices if name.startswith(PARAM) and known[name].is_number)
    figures = (name for name in choices if name.startswith(METRIC))
    across = x if x in known else next(numbers, choices[0])
    up = y if y in known else next(figures, choices[0])
    title = f"{known[up].label} against {known[across].label}"
    first = {across, up}.union(*([n for n in choices if n.startswith(kind)][:MOST_CHOICES] for kind in KINDS))
    offered = tuple(name for name in choices if name in first)
    figure = scatter(subjects, known[across], known[up], title=title)
    return Scatter(figure, across, up, offered, len(choices) - len(offered))
