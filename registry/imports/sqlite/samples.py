"""Metric values of a run: from columns of its own row, and from its rows in other tables.

The places of columns are found once a table, and what is stored as it is needed passes untouched: a
million rows are read in seconds.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from registry.exceptions import BadInputError
from registry.imports.conversions import LATEST, MILLISECONDS_FROM, milliseconds, time_in
from registry.services.metric_samples import MetricSample

from .cells import number_of, text_of, whole_of
from .children import Values
from .mapping import Cell, ChildTable

UNIX = ("auto", "unix_milliseconds")
FIRST = 2  # after the run and the rowid


class PointTable:
    """How the rows of one table become values: a key and a value each, or a column for each metric."""

    def __init__(self, table: ChildTable, times: str) -> None:
        places = {name: place for place, name in enumerate(table.columns[1:], start=FIRST)}
        self.name, self._times = table.table, times
        self._key, self._value = places.get(table.key), places.get(table.value.column)
        self._step, self._when = places.get(table.step), places.get(table.timestamp)
        self._wide = [(key, places[column]) for key, column in table.values.items()]

    def samples(self, rows: Iterator[Values], *, otherwise_at: int) -> Iterator[MetricSample]:
        """The values of one run; without a step they are numbered.

        Args:
            otherwise_at: milliseconds, for rows that tell no time.

        Raises:
            BadInputError: a value, step or time is none; tells the row.
        """
        seen: Counter[str] = Counter()
        for row in rows:
            try:
                yield from self._of(row, seen, otherwise_at)
            except BadInputError as error:
                raise BadInputError(f"Table {self.name}, row {row[1]}: {error}") from error

    def _of(self, row: Values, seen: Counter[str], otherwise_at: int) -> list[MetricSample]:
        when = None if self._when is None else row[self._when]
        at = otherwise_at if when is None else self._milliseconds(when)
        step = None if self._step is None else row[self._step]
        if type(step) is not int and step is not None:
            step = whole_of(step)
        if self._key is None or self._value is None:
            pairs = [(key, row[place]) for key, place in self._wide if row[place] is not None]
        else:
            pairs = [(text_of(row[self._key]), row[self._value])]
        samples = []
        for key, cell in pairs:
            value = cell if type(cell) is float else number_of(cell)
            samples.append(MetricSample(key, value, seen[key] if step is None else step, at))
            seen[key] += step is None
        return samples

    def _milliseconds(self, when: Any) -> int:
        if type(when) is int and self._times in UNIX and MILLISECONDS_FROM <= when <= LATEST * 1_000:
            return when
        text_of(when)  # refuses what is no text or number
        return milliseconds(time_in(when, self._times))


def own_samples(row: Mapping[str, Any], cells: Mapping[str, Cell], *, at: int) -> Iterator[MetricSample]:
    """Values that stand in the run's own row, as step 0; NULL is none.

    Raises:
        BadInputError: one is no number.
    """
    for name, cell in cells.items():
        if row[cell.column] is not None:
            yield MetricSample(name, number_of(row[cell.column]), 0, at)
