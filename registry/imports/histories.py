"""Metric histories of one run: collected, distinct, summed up, and as PostgreSQL's binary COPY takes them.

24 bytes a point while they are held, so that a run of a million points needs 24 MB. What a metric's latest,
least and greatest value is, is as :mod:`registry.services.metric_samples` says: by step, timestamp, then
value, NaN above every number.
"""

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import islice
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from registry.exceptions import BadInputError
from registry.parquet.copied_points import HEADER, NUMBERS, ROW, TRAILER, copied_rows
from registry.services.metric_samples import MetricSample, MetricSummary
from registry.services.names import checked_key

MAX_POINTS = 10_000_000
CHUNK = 10_000
PIECE = 250_000
Column = npt.NDArray[Any]
Rows = tuple[Column, Column, Column]
Columns = dict[str, "tuple[array[int], array[int], array[float]]"]


class History:
    """The distinct points of one metric, in PostgreSQL's order."""

    def __init__(self, key: str, rows: Rows) -> None:
        self.key = key
        self.steps, self.times, self.values = _distinct(*rows)

    def __len__(self) -> int:
        return len(self.steps)

    def summary(self) -> MetricSummary:
        """Its latest point, its least and greatest value that is a number."""
        numbers = self.values[~np.isnan(self.values)]
        least, greatest = (float(numbers.min()), float(numbers.max())) if len(numbers) else (None, None)
        return MetricSummary(
            self.key, float(self.values[-1]), int(self.steps[-1]), int(self.times[-1]), least, greatest
        )

    def copied(self, metric_id: int) -> Iterator[bytes]:
        """Its rows for binary COPY, in pieces without header and trailer."""
        for start in range(0, len(self), PIECE):
            piece = slice(start, start + PIECE)
            steps = self.steps[piece]
            numbers = (metric_id, steps, self.times[piece], self.values[piece])
            yield copied_rows(len(steps), dict(zip(NUMBERS, numbers, strict=True)))

    def digest_into(self, digest: Any, *, is_timed: bool = True) -> None:
        """Feed a hash with everything that is to be the same in PostgreSQL, or all but the timestamps."""
        values = self.values + 0.0  # -0.0 is 0.0 there, too
        values[np.isnan(values)] = np.nan
        digest.update(f"{self.key}\0{len(self)}\0".encode())
        times = self.times if is_timed else self.times[:0]
        for column, kind in ((self.steps, "<i8"), (times, "<i8"), (values, "<f8")):
            digest.update(column.astype(kind).tobytes())


def read_histories(samples: Iterable[MetricSample]) -> list[History]:
    """The histories of a run's samples, in the order of their keys; a point that comes twice is one.

    Raises:
        BadInputError: a key, value, step or timestamp can't be stored, or there are too many.
    """
    columns: Columns = {}
    count, stream = 0, iter(samples)
    while chunk := list(islice(stream, CHUNK)):
        count += len(chunk)
        if count > MAX_POINTS:
            raise BadInputError(f"The run has more than {MAX_POINTS:,} metric points.")
        if not set(map(type, map(itemgetter(1), chunk))) <= {float, int}:
            _refuse_no_numbers(chunk)
        _collect(chunk, columns)
    return [
        History(key, (np.array(steps, "i8"), np.array(times, "i8"), np.array(values, "f8")))
        for key, (steps, times, values) in sorted(columns.items())
    ]


def copies(histories: Iterable[tuple[int, History]]) -> Iterator[BytesIO]:
    """Files for binary COPY of histories, each with its metric's primary key; some 250,000 points a file."""
    pieces: list[bytes] = []
    for metric_id, history in histories:
        for piece in history.copied(metric_id):
            pieces.append(piece)
            if sum(map(len, pieces)) >= PIECE * ROW.itemsize:
                yield BytesIO(b"".join((HEADER, *pieces, TRAILER)))
                pieces = []
    if pieces:
        yield BytesIO(b"".join((HEADER, *pieces, TRAILER)))


def rows_of_copy(data: bytes) -> Column:
    """What a binary COPY of metric, step, timestamp and value sent, as a table of numbers."""
    return np.frombuffer(data[len(HEADER) : -len(TRAILER)], ROW)


def new_digest() -> Any:
    """The hash that checksums are made with."""
    return hashlib.blake2b(digest_size=16)


def _distinct(steps: Column, times: Column, values: Column) -> Rows:
    order = np.lexsort((values, times, steps))  # NaN comes last, as in PostgreSQL
    steps, times, values = steps[order], times[order], values[order]
    both_nan = np.isnan(values[1:]) & np.isnan(values[:-1])
    same_value = (values[1:] == values[:-1]) | both_nan
    is_new = np.ones(len(steps), bool)
    is_new[1:] = (steps[1:] != steps[:-1]) | (times[1:] != times[:-1]) | ~same_value
    return steps[is_new], times[is_new], values[is_new]


def _refuse_no_numbers(chunk: Sequence[MetricSample]) -> None:
    for each in chunk:
        if type(each[1]) not in (float, int):
            raise BadInputError(f"The metric {each[0]!r} is {each[1]!r}; it must be a number.")


def _collect(chunk: Sequence[MetricSample], columns: Columns) -> None:
    key = ""
    try:
        for key, value, step, at in chunk:
            found = columns.get(key)
            if found is None:
                checked_key(key, what="The metric")
                found = columns[key] = (array("q"), array("q"), array("d"))
            found[0].append(step)
            found[1].append(at)
            found[2].append(value)
    except OverflowError as error:
        raise BadInputError(f"The metric {key[:50]!r} has a number beyond 64 bits.") from error
    except TypeError as error:
        raise BadInputError(f"The metric {key!r} has a step or timestamp that is no number.") from error
