"""The columns of a comparison: a run each, or a group of runs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from analysis.charts.series import LOOKS
from analysis.telling_apart import told_apart

from .facts import RunFacts
from .runs import ComparedRun

MOST_FIELDS = 60
OTHERS = "all others"
NONE, EMPTY = "none", "empty"
LONGEST = 80
RUN_FIELDS = ("model", "framework", "dataset", "experiment", "status", "owner")
"""The order in which the page looks for a field that makes groups."""


@dataclass(frozen=True, slots=True)
class ComparedColumn:
    """One column of every table.

    Attributes:
        label: The run's, or the value that the runs of a group share.
        look: Colour and dash pattern, 0 to 7.
        runs: One, or all of the group.
        is_base: Whether the others are measured against it.
    """

    label: str
    look: int
    runs: tuple[ComparedRun, ...]
    is_base: bool = False

    @property
    def run(self) -> ComparedRun:
        """The run, or the group's first one."""
        return self.runs[0]


@dataclass(frozen=True, slots=True)
class GroupField:
    """A field that runs can be grouped by, and how many groups that makes."""

    name: str
    count: int


def group_fields(runs: Sequence[ComparedRun], facts: Mapping[int, RunFacts]) -> list[GroupField]:
    """The fields in which these runs differ, the run's own ones first, then params, then tags."""
    keys = {f"params.{key}": None for run in runs for key in sorted(facts[run.pk].params)}
    keys |= {f"tags.{key}": None for run in runs for key in sorted(facts[run.pk].tags)}
    counted = (
        GroupField(name, len({_value(run, facts[run.pk], name) for run in runs}))
        for name in (*RUN_FIELDS, *keys)
    )
    return list(islice((each for each in counted if each.count > 1), MOST_FIELDS))


def chosen_field(wanted: str, runs: Sequence[ComparedRun], fields: Sequence[GroupField]) -> str:
    """The field to group by: the one that is wanted, none up to eight runs, else the first of few groups."""
    if wanted in {each.name for each in fields}:
        return wanted
    if len(runs) <= LOOKS:
        return ""
    few = [each.name for each in fields if each.count <= LOOKS]
    return next(iter(few), RUN_FIELDS[0])


def columns_of(
    runs: Sequence[ComparedRun], facts: Mapping[int, RunFacts], *, field: str, base: str
) -> list[ComparedColumn]:
    """One column a run, or one a group: the seven largest, and all others together.

    Args:
        field: To group by; empty for a column a run.
        base: The run (or a run of the group) that the others are measured against; else the first one.
    """
    if field:
        columns = _groups(runs, facts, field)
    else:
        columns = [ComparedColumn(run.label, run.look, (run,)) for run in runs]
    with_base = [any(run.run_id == base for run in column.runs) for column in columns]
    place = with_base.index(True) if True in with_base else 0
    return [replace(column, is_base=at == place) for at, column in enumerate(columns)]


def _groups(runs: Sequence[ComparedRun], facts: Mapping[int, RunFacts], field: str) -> list[ComparedColumn]:
    values = {run.pk: _value(run, facts[run.pk], field) for run in runs}
    sizes = Counter(values.values())
    kept = [value for value, _ in sizes.most_common(LOOKS if len(sizes) <= LOOKS else LOOKS - 1)]
    grouped: dict[str | None, list[ComparedRun]] = {value: [] for value in kept}
    others: list[ComparedRun] = []
    for run in runs:
        grouped.get(values[run.pk], others).append(run)
    # Values may be alike in their first 80 characters.
    labels = told_apart([*(_label(value) for value in kept), OTHERS])
    groups = zip(labels, [*grouped.values(), others], strict=True)
    return [
        ComparedColumn(label, look, tuple(replace(run, look=look) for run in members))
        for look, (label, members) in enumerate(groups)
        if members
    ]


def _label(value: str | None) -> str:
    if not value:
        return NONE if value is None else EMPTY
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"


def _value(run: ComparedRun, facts: RunFacts, field: str) -> str | None:
    """The whole value; None where the run has none."""
    kind, _, key = field.partition(".")
    if kind in {"params", "tags"}:
        return (facts.params if kind == "params" else facts.tags).get(key)
    found = run.dataset and run.dataset.name if field == "dataset" else getattr(run, field)
    return found or None
