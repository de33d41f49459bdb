"""Metric points as PostgreSQL's binary COPY has them, as numbers of numpy; loads no pyarrow."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

NUMBERS = ("metric_id", "step", "timestamp_ms", "value")
POINT = np.dtype([("metric_id", ">i8"), ("step", ">i8"), ("timestamp_ms", ">i8"), ("value", ">f8")])
# A row of COPY … (FORMAT binary): the number of fields, then each field's size and bytes.
ROW = np.dtype(
    [("fields", ">i2")]
    + [part for name in NUMBERS for part in ((f"size_{name}", ">i4"), (name, POINT[name].str))]
)
HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def copied_rows(count: int, columns: Mapping[str, Any] | NDArray[Any]) -> bytes:
    """Rows as COPY … FROM STDIN (FORMAT binary) takes them between header and trailer.

    Args:
        columns: each of ``NUMBERS``, shape ``(count,)`` or one number for all.
    """
    rows = np.empty(count, ROW)
    rows["fields"] = len(NUMBERS)
    for name in NUMBERS:
        rows[f"size_{name}"] = 8
        rows[name] = columns[name]
    return rows.tobytes()
