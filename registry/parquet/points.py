"""Metric points between PostgreSQL's binary COPY, numpy and Parquet; every bit of a value stays."""

import hashlib
import io
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .copied_points import HEADER, NUMBERS, POINT, ROW, TRAILER, copied_rows
from .files import ROWS_IN_A_GROUP, NewFile, opened_file

Points = NDArray[Any]
DICTIONARY = pa.dictionary(pa.int32(), pa.string())
FIELDS = (
    pa.field("run_id", DICTIONARY),
    pa.field("key", DICTIONARY),
    pa.field("metric_id", pa.int64()),
    pa.field("step", pa.int64()),
    pa.field("timestamp_ms", pa.int64()),
    pa.field("value", pa.float64()),
)
SCHEMA = pa.schema(FIELDS)


class PointSink(io.RawIOBase):
    """What COPY … TO STDOUT (FORMAT binary) is read into: points, a row group at a time."""

    def __init__(self, take: Callable[[Points], object]) -> None:
        super().__init__()
        self._take = take
        self._held = bytearray()
        self._is_begun = False

    def writable(self) -> bool:
        """It takes bytes."""
        return True

    def write(self, piece: Any) -> int:
        """Take the next bytes."""
        self._held += piece
        if not self._is_begun and len(self._held) >= len(HEADER):
            del self._held[: len(HEADER)]
            self._is_begun = True
        if len(self._held) >= ROWS_IN_A_GROUP * ROW.itemsize:
            self._hand_over(ROWS_IN_A_GROUP)
        return len(piece)

    def end(self) -> None:
        """Hand over what is left.

        Raises:
            ValueError: the rows were none of four numbers.
        """
        count, rest = divmod(len(self._held), ROW.itemsize)
        if rest != len(TRAILER) or not self._held.endswith(TRAILER):
            raise ValueError("PostgreSQL sent rows that are no metric points.")
        if count:
            self._hand_over(count)

    def _hand_over(self, count: int) -> None:
        size = count * ROW.itemsize
        rows = np.frombuffer(bytes(self._held[:size]), ROW)
        del self._held[:size]
        points = np.empty(count, POINT)
        for name in NUMBERS:
            points[name] = rows[name]
        self._take(points)


def copy_bytes(points: Points) -> io.BytesIO:
    """The points as COPY … FROM STDIN (FORMAT binary) takes them."""
    return io.BytesIO(HEADER + copied_rows(len(points), points) + TRAILER)


class ContentDigest:
    """SHA-256 of points in their order: equal where every bit of every point is."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.count = 0

    def add(self, points: Points) -> None:
        """Take the next points."""
        self._digest.update(np.ascontiguousarray(points).tobytes())
        self.count += len(points)

    @property
    def hexdigest(self) -> str:
        """What was taken so far."""
        return self._digest.hexdigest()


def add_points(file: NewFile, points: Points, names: Mapping[int, tuple[str, str]]) -> None:
    """Add points to a file.

    Args:
        names: metric id → run id and key; at least those of the points.
    """
    metrics, places = np.unique(points["metric_id"].astype(np.int64), return_inverse=True)
    told = [names[int(metric)] for metric in metrics]
    columns = [_dictionary([each[side] for each in told], places) for side in (0, 1)]
    columns += [pa.array(points[name].astype(POINT[name].newbyteorder("="))) for name in NUMBERS]
    file.add(columns)


def points_in(path: Path, metrics: Collection[int] | None = None) -> Iterator[Points]:
    """The points of a file in its order, a row group at a time; groups without the metrics are not read.

    Raises:
        ArtifactError: the file is missing or damaged.
    """
    wanted = None if metrics is None else np.unique(np.fromiter(metrics, np.int64))
    with opened_file(path) as file:
        column = file.schema_arrow.get_field_index("metric_id")
        for number in range(file.num_row_groups):
            if wanted is not None and not _may_hold(file.metadata.row_group(number), column, wanted):
                continue
            points = _points(file.read_row_group(number, columns=list(NUMBERS)))
            if wanted is not None:
                points = points[np.isin(points["metric_id"], wanted)]
            if len(points):
                yield points


def _may_hold(group: Any, column: int, wanted: NDArray[np.int64]) -> bool:
    statistics = group.column(column).statistics
    if statistics is None or not statistics.has_min_max:
        return True
    return bool(((wanted >= statistics.min) & (wanted <= statistics.max)).any())


def _points(table: Any) -> Points:
    points = np.empty(table.num_rows, POINT)
    for name in NUMBERS:
        points[name] = table.column(name).to_numpy()
    return points


def _dictionary(told: list[str], places: NDArray[Any]) -> Any:
    values = sorted(set(told))
    number = {value: at for at, value in enumerate(values)}
    numbers = np.array([number[each] for each in told], np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(numbers[places]), pa.array(values, pa.string()))
