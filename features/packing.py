"""How one entity's values of one view lie in Redis: the bytes of docs/redis-keys.md.

All numbers big-endian: format (1 byte), fingerprint of the fields (4), event time and time of writing
(8 each, milliseconds since 1970), null bitmap (bit i of byte i // 8, lowest first), one slot a field
(float and int 8 bytes, bool 1, string and vector the 4-byte length in bytes of what follows), then the
strings (UTF-8) and vectors (float64) in the fields' order.
"""

import hashlib
import math
import numbers
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

FORMAT = 1
LARGEST = 1 << 16  # bytes of one row: a request may read thousands
EVENT_AT = 5  # offset of the event time
VALUES_AT = 21  # offset of the values, from the null bitmap on
SLOTS = {"float": "d", "int": "q", "bool": "?", "string": "I", "vector": "I"}
DTYPES = {"float": ">f8", "int": ">i8", "bool": "?", "string": ">u4", "vector": ">u4"}
EXACT = {"float": float, "int": int, "bool": bool, "string": str, "vector": list}
FILLERS: dict[str, Any] = {"float": 0.0, "int": 0, "bool": False, "string": "", "vector": []}
VARIABLE = ("string", "vector")
HEADER = 4  # parts before the slots: magic, event, written, bitmap

Unpacked = tuple[int, int, tuple[Any, ...]]  # event ms, written ms, values


class WrongValueError(Exception):
    """A value is not of its field's type."""

    def __init__(self, name: str, value_type: str, value: object) -> None:
        super().__init__(f"{name} takes {value_type}, not {type(value).__name__} {value!r:.60}")


class Codec:
    """Packs and unpacks rows of one list of fields.

    Args:
        fields: (name, type), in order.
    """

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self._fields = tuple(fields)
        types = [value_type for _, value_type in fields]
        text = ",".join(f"{name}:{value_type}" for name, value_type in fields)
        self.fingerprint = zlib.crc32(text.encode())
        self.magic = struct.pack(">BI", FORMAT, self.fingerprint)
        self._no_nulls = bytes((len(types) + 7) // 8)
        self._struct = struct.Struct(f">5sqq{len(self._no_nulls)}s" + "".join(SLOTS[each] for each in types))
        self._slots = [f"slot{place}" for place in range(len(types))]
        self._exact = tuple(EXACT[each] for each in types)
        self._row = _row_type(types, len(self._no_nulls))
        self._variable = [(place, each) for place, each in enumerate(types) if each in VARIABLE]
        self.widest = LARGEST if self._variable else self._struct.size  # bytes of a row at most
        self._unpack = self._struct.unpack_from if self._variable else self._struct.unpack

    def pack(self, values: Sequence[Any], *, event_ms: int, written_ms: int) -> bytes:
        """One row; None is null.

        Raises:
            WrongValueError: a value is not of its type, or the row is too large.
        """
        nulls = self._no_nulls
        if tuple(map(type, values)) != self._exact:
            values, nulls = self._converted(values)
        slots, tail = list(values), []
        for place, value_type in self._variable:
            part = self._encoded(place, value_type, slots[place])
            tail.append(part)
            slots[place] = len(part)
        try:
            head = self._struct.pack(self.magic, event_ms, written_ms, nulls, *slots)
        except struct.error:
            raise self._out_of_range(values) from None
        packed = b"".join((head, *tail))
        if len(packed) > LARGEST:
            raise WrongValueError("The row", f"at most {LARGEST} bytes", len(packed))
        return packed

    def unpack(self, blob: bytes) -> Unpacked | None:
        """Event time, time of writing and values; None where the bytes are of another definition."""
        try:
            parts = self._unpack(blob)
            if parts[0] != self.magic:
                return None
            values = parts[HEADER:]
            if self._variable:
                values = self._with_tail(values, blob)
        except (struct.error, UnicodeDecodeError):
            return None
        if parts[3] != self._no_nulls:
            values = _without_nulls(values, parts[3])
        return parts[1], parts[2], values

    def digest_of(self, values: Sequence[Any]) -> str:
        """What :func:`values_digest` tells of these values when they are packed.

        Raises:
            WrongValueError: a value is not of its type, or the row is too large.
        """
        return values_digest(self.pack(values, event_ms=0, written_ms=0))

    def unpack_columns(self, blobs: Sequence[bytes | None]) -> tuple[list[int], list[list[Any]]] | None:
        """Event times, and a list of values for each field, read by NumPy.

        None where that can't be: a row is missing, of another definition or with nulls, or a field is a
        string or a vector. Then :meth:`unpack` them one by one.
        """
        if self._variable or None in blobs:
            return None
        together = b"".join(blobs)  # type: ignore[arg-type] # none is None
        if len(together) != len(blobs) * self._row.itemsize:
            return None
        rows = np.frombuffer(together, dtype=self._row)
        if (rows["format"] != FORMAT).any() or (rows["fingerprint"] != self.fingerprint).any():
            return None
        if rows["nulls"].any():
            return None
        return rows["event"].tolist(), [rows[name].tolist() for name in self._slots]

    def _with_tail(self, slots: tuple[Any, ...], blob: bytes) -> tuple[Any, ...]:
        values, start = list(slots), self._struct.size
        for place, value_type in self._variable:
            end = start + slots[place]
            if value_type == "string":
                values[place] = blob[start:end].decode()
            else:
                values[place] = list(struct.unpack_from(f">{slots[place] // 8}d", blob, start))
            start = end
        if start != len(blob):
            raise struct.error("truncated")
        return tuple(values)

    def _converted(self, values: Sequence[Any]) -> tuple[list[Any], bytes]:
        converted, nulls = [], bytearray(self._no_nulls)
        for place, ((name, value_type), value) in enumerate(zip(self._fields, values, strict=True)):
            if value is None:
                nulls[place // 8] |= 1 << place % 8
                converted.append(FILLERS[value_type])
            else:
                converted.append(convert(name, value_type, value))
        return converted, bytes(nulls)

    def _encoded(self, place: int, value_type: str, value: Any) -> bytes:
        try:
            if value_type == "string":
                return bytes(value.encode())
            return struct.pack(f">{len(value)}d", *value)
        except (UnicodeEncodeError, struct.error, OverflowError):
            raise WrongValueError(*self._fields[place], value) from None

    def _out_of_range(self, values: Sequence[Any]) -> WrongValueError:
        for (name, value_type), value in zip(self._fields, values, strict=True):
            if value_type == "int" and not -(1 << 63) <= value < 1 << 63:
                return WrongValueError(name, "int of 64 bits", value)
        return WrongValueError("The event time", "milliseconds of 64 bits", None)


def values_digest(blob: bytes) -> str:
    """16 hexadecimal digits that tell a row's values apart, whenever they were written."""
    return hashlib.blake2b(blob[VALUES_AT:], digest_size=8).hexdigest()


def _row_type(types: Sequence[str], null_bytes: int) -> np.dtype[np.void]:
    head = [("format", "u1"), ("fingerprint", ">u4"), ("event", ">i8"), ("written", ">i8")]
    slots = [(f"slot{place}", DTYPES[each]) for place, each in enumerate(types)]
    return np.dtype([*head, ("nulls", "u1", (null_bytes,)), *slots])


def convert(name: str, value_type: str, value: Any) -> Any:
    """A value as its field keeps it: NumPy's scalars and arrays as Python's, a whole number as a float.

    Raises:
        WrongValueError: it is of another type.
    """
    try:
        converted = CONVERTERS[value_type](value)
    except (OverflowError, TypeError, ValueError):
        converted = None
    if converted is None:
        raise WrongValueError(name, value_type, value)
    return converted


def _as_float(value: Any) -> float | None:
    return float(value) if not isinstance(value, bool) and isinstance(value, numbers.Real) else None


def _as_int(value: Any) -> int | None:
    return int(value) if not isinstance(value, bool) and isinstance(value, numbers.Integral) else None


def _as_bool(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return bool(value) if type(value).__name__ == "bool" and type(value).__module__ == "numpy" else None


def _as_string(value: Any) -> str | None:
    return str(value) if isinstance(value, str) else None


def _as_vector(value: Any) -> list[float] | None:
    items = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(items, (list, tuple)):
        return None
    floats = [_as_float(each) for each in items]
    return None if None in floats else [each for each in floats if each is not None]


CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "float": _as_float, "int": _as_int, "bool": _as_bool, "string": _as_string, "vector": _as_vector,
}  # fmt: skip


def _without_nulls(values: tuple[Any, ...], bitmap: bytes) -> tuple[Any, ...]:
    return tuple(None if bitmap[place // 8] >> place % 8 & 1 else value for place, value in enumerate(values))


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are equal, NaN being equal to itself, and of one type."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return type(one) is type(other) and bool(one == other)
