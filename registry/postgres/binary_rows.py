"""Rows with long byte strings, as PostgreSQL has them: by COPY, without the detour over hexadecimal text."""

import io
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from .copying import copy

# Source: "Binary Format" of PostgreSQL's page on COPY.
HEADER_SIZE = 11 + 4 + 4  # signature, flags, length of an extension that no version has
COUNT, SIZE = struct.Struct("!h"), struct.Struct("!i")
END, NULL = -1, -1
TRUE = b"\1"


def binary_rows(query: str, values: Mapping[str, Any]) -> Iterator[list[memoryview]]:
    """The fields of each row of a query as their types' send functions make them; NULL is empty.

    Args:
        query: A SELECT; values stand in it as ``%(name)s``.
    """
    kept = io.BytesIO()
    copy(f"COPY ({query}) TO STDOUT (FORMAT binary)", kept, values)
    data, place = kept.getbuffer(), HEADER_SIZE
    while (count := COUNT.unpack_from(data, place)[0]) != END:
        place += COUNT.size
        fields = []
        for _ in range(count):
            (size,) = SIZE.unpack_from(data, place)
            place += SIZE.size
            size = 0 if size == NULL else size
            fields.append(data[place : place + size])
            place += size
        yield fields


def whole(field: memoryview) -> int:
    """A field of type bigint."""
    return int.from_bytes(field, signed=True)
