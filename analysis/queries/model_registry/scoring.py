"""How versions of a model compare by what they scored."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.queries.model_registry.metrics_offered import is_higher_better
from analysis.queries.model_registry.scores import best_of, keys_of
from analysis.queries.model_registry.version_lines import VersionLine

MOST_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Column:
    """A metric beside the versions.

    Attributes:
        is_higher_better: None where nobody knows.
        best: The best version's number; None where there is nothing to compare.
    """

    key: str
    is_higher_better: bool | None
    best: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A version's value in a column."""

    value: float | None
    is_best: bool


@dataclass(frozen=True, slots=True)
class Scoring:
    """The metrics of these versions.

    Attributes:
        keys: All to choose from; empty where no run of theirs has any.
        columns: The chosen one and two more.
        rows: Each version with its cells.
    """

    keys: list[str]
    columns: list[Column]
    rows: list[tuple[VersionLine, list[Cell]]]

    @property
    def main(self) -> Column | None:
        """The chosen metric."""
        return self.columns[0] if self.columns else None

    @property
    def main_values(self) -> dict[int, float]:
        """Version → its value of the chosen metric."""
        told = {line.number: cells[0].value for line, cells in self.rows if cells}
        return {number: value for number, value in told.items() if value is not None}


def scoring(versions: Sequence[VersionLine], metric: str) -> Scoring:
    """How these versions compare, first of all by this metric, else by the first that they have."""
    keys = keys_of(each.scores for each in versions)
    chosen = [metric] if metric in keys else []
    shown = list(dict.fromkeys([*chosen, *keys]))[:MOST_COLUMNS]
    columns = [_column(key, versions) for key in shown]
    rows = [(line, [_cell(line, column) for column in columns]) for line in versions]
    return Scoring(keys, columns, rows)


def _column(key: str, versions: Sequence[VersionLine]) -> Column:
    values = {each.number: each.scores[key] for each in versions if key in each.scores}
    best = best_of(values, key) if len(values) > 1 else None
    return Column(key, is_higher_better(key), best)


def _cell(line: VersionLine, column: Column) -> Cell:
    return Cell(line.scores.get(column.key), column.best == line.number)
