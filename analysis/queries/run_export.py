"""Runs as a table for a file: the columns that the page shows, behind what tells a run."""

from collections.abc import Iterable

from analysis.exports.tables import Column, Kind, Table
from analysis.queries.run_columns import RunColumn, run_column
from registry.queries.search.run_cells import RunCells

ALWAYS = ("run_id", "experiment")
KINDS: dict[str, Kind] = {"number": "number", "duration": "number", "time": "time"}


def export_table(runs: Iterable[RunCells], columns: Iterable[RunColumn]) -> Table:
    """Id, name and experiment of each run, then the columns, under the names that filters use."""
    always = [column for name in ALWAYS if (column := run_column(name))]
    shown = [*always, *(column for column in columns if column.name not in ALWAYS)]
    return Table(
        [Column("name"), *(Column(column.name, KINDS.get(column.kind, "text")) for column in shown)],
        ([run.name, *(column.value(run) for column in shown)] for run in runs),
    )
