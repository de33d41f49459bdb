"""Tables as files: CSV, JSON and Parquet, sent in pieces so that no table stands whole in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from analysis.telling_apart import told_apart
from registry.exceptions import BadInputError

from .columns import Column, Kind, Row, Table
from .texts import csv_pieces, json_pieces

__all__ = ["FORMATS", "Column", "Kind", "Table", "table_response"]

ROWS_IN_A_PIECE = 1_000
CHARACTERS_IN_A_PIECE = 8_000_000


def _parquet_pieces(columns: Sequence[Column], pieces: Iterator[list[Row]]) -> Iterator[bytes]:
    from .parquet import parquet_pieces  # noqa: PLC0415 (pyarrow: 0.4 s and 55 MB that few processes need)

    return parquet_pieces(columns, pieces)


FORMATS: dict[str, tuple[str, Callable[[Sequence[Column], Iterator[list[Row]]], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", csv_pieces),
    "json": ("application/json", json_pieces),
    "parquet": ("application/vnd.apache.parquet", _parquet_pieces),
}
"""Format → its media type and what makes its bytes."""


def table_response(
    table: Table,
    *,
    format: str,  # noqa: A002 (as the address says it)
    filename: str,
) -> StreamingHttpResponse:
    """The table as a file to keep.

    CSV is UTF-8 without a byte order mark; a text that a spreadsheet would run as a formula gets a
    leading ``'``. JSON is a list of objects. In both, times are UTC in ISO 8601, and the texts ``NaN``,
    ``Infinity`` and ``-Infinity`` stand for what is no finite number. Parquet has typed columns: string,
    double and timestamp in microseconds, UTC. Columns of one name are told apart by a number.

    The first rows are read before there is a response, so that what fails there is answered as usual.

    Args:
        format: ``csv``, ``json`` or ``parquet``.
        filename: without its ending.

    Raises:
        BadInputError: There is no such format; no row was read.
    """
    if format not in FORMATS:
        known = ", ".join(FORMATS)
        raise BadInputError(f"There is no format {format[:40]!r}. A table is exported as one of {known}.")
    content_type, pieces = FORMATS[format]
    rest = _in_pieces(table.rows)
    first = [piece for piece in (next(rest, None),) if piece]
    names = told_apart(column.name for column in table.columns)
    columns = [Column(name, column.kind) for name, column in zip(names, table.columns, strict=True)]
    return StreamingHttpResponse(
        pieces(columns, chain(first, rest)),
        content_type=content_type,
        headers={"Content-Disposition": str(content_disposition_header(True, f"{filename}.{format}"))},
    )


def _in_pieces(rows: Iterable[Row]) -> Iterator[list[Row]]:
    piece: list[Row] = []
    characters = 0
    for row in rows:
        piece.append(row)
        characters += sum(len(cell) for cell in row if isinstance(cell, str))
        if len(piece) == ROWS_IN_A_PIECE or characters >= CHARACTERS_IN_A_PIECE:
            yield piece
            piece, characters = [], 0
    if piece:
        yield piece
