"""Runs in the columns of a comparison, by what PostgreSQL keeps of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from . import sections
from .columns import ComparedColumn, GroupField, chosen_field, columns_of, group_fields
from .curve_keys import USUAL, curve_keys
from .facts import Facts, facts_of
from .logged import Metrics, logged_metrics
from .runs import ComparedRun, compared_runs
from .state import ComparisonState


@dataclass(frozen=True, slots=True)
class Arranged:
    """Runs in their columns, and what PostgreSQL keeps of them: all that curves need."""

    runs: list[ComparedRun]
    columns: list[ComparedColumn]
    group: str
    group_fields: list[GroupField]
    read: Facts
    logged: Metrics
    curve_keys: list[str]


def arranged(state: ComparisonState, *, viewer: User) -> Arranged | None:
    """The runs that the viewer may read; None where there is none (three statements)."""
    runs = compared_runs(state.run_ids, viewer=viewer)
    if not runs:
        return None
    pks, named = [run.pk for run in runs], _named(state)
    read = facts_of(pks, named=named)
    fields = group_fields(runs, read.of_runs)
    field = chosen_field(state.group, runs, fields)
    columns = columns_of(runs, read.of_runs, field=field, base=state.base)
    logged = logged_metrics(pks, named=named)
    return Arranged(
        runs=[run for column in columns for run in column.runs],
        columns=columns,
        group=field,
        group_fields=fields,
        read=read,
        logged=logged,
        curve_keys=curve_keys(logged, state.metrics),
    )


def groups_of(group: str, columns: Sequence[ComparedColumn]) -> dict[str, str] | None:
    """Run id → the label of its group; None for a column a run."""
    if not group:
        return None
    return {run.run_id: column.label for column in columns for run in column.runs}


def _named(state: ComparisonState) -> list[str]:
    """Keys of metrics, params and tags that this page asks for by name."""
    fields = (state.group, state.scatter_x, state.scatter_y)
    return [*state.metrics, *(name.partition(".")[2] for name in fields), *USUAL, *sections.CODE_TAGS]
