"""Tables as Parquet."""

import datetime as dt
from collections.abc import Iterator, Sequence
from io import RawIOBase
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from .columns import Column, Row
from .texts import text_of

TYPES = {"text": pa.string(), "number": pa.float64(), "time": pa.timestamp("us", tz="UTC")}


def parquet_pieces(columns: Sequence[Column], pieces: Iterator[list[Row]]) -> Iterator[bytes]:
    """A row group for each piece, then the footer."""
    schema = pa.schema([pa.field(column.name, TYPES[column.kind]) for column in columns])
    pipe = _Pipe()
    with parquet.ParquetWriter(pipe, schema, compression="zstd") as writer:
        for piece in pieces:
            cells = [_array(columns[at], [row[at] for row in piece]) for at in range(len(columns))]
            writer.write_table(pa.Table.from_arrays(cells, schema=schema))
            yield pipe.take()
    yield pipe.take()


def _array(column: Column, cells: list[Any]) -> Any:
    told = [None if cell is None else _cell(cell, column) for cell in cells]
    return pa.array(told, type=TYPES[column.kind])


def _cell(cell: Any, column: Column) -> Any:
    if column.kind == "number":
        return float(cell)
    return cell.astimezone(dt.UTC) if column.kind == "time" else text_of(cell)


class _Pipe(RawIOBase):
    """The writer writes here; what was written is taken away and sent."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()
        self._taken = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._held += piece
        return len(piece)

    def tell(self) -> int:
        return self._taken + len(self._held)

    def take(self) -> bytes:
        piece, self._held = bytes(self._held), bytearray()
        self._taken += len(piece)
        return piece
