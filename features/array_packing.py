"""Arrays as bytes and back, with what they are in a header; no pickle, no surprise in size.

``mlpA``, then one byte each: compression (0 none, 1 zlib), length of the dtype's name, number of dimensions;
the name (``<f8``), the shape (eight bytes a dimension, little-endian), the elements in C order.
"""

import math
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.exceptions import BadInputError

MAGIC = b"mlpA"
HEAD = struct.Struct("<4sBBB")
PLAIN, ZLIB = 0, 1
LEVEL = 1
KINDS = "biufc"
MOST_DIMENSIONS = 8
MOST_BYTES = 16 * 1024 * 1024


class ArrayFormatError(ValueError):
    """The bytes are no array of ours, or not a whole one."""


def pack(array: NDArray[Any]) -> bytes:
    """An array of numbers or booleans as bytes, compressed where that makes them fewer.

    Raises:
        BadInputError: it holds objects, text or times, or more than 16 MB.
    """
    if array.dtype.kind not in KINDS or array.ndim > MOST_DIMENSIONS:
        raise BadInputError(
            f"An array of {array.dtype} with {array.ndim} dimensions can't be kept: numbers and booleans"
            f" can, with at most {MOST_DIMENSIONS}."
        )
    if array.nbytes > MOST_BYTES:
        raise BadInputError(f"An array of {array.nbytes:,} bytes can't be kept; at most {MOST_BYTES:,}.")
    name = array.dtype.str.encode()
    elements = array.tobytes()
    smaller = zlib.compress(elements, LEVEL)
    compression, body = (ZLIB, smaller) if len(smaller) < len(elements) else (PLAIN, elements)
    head = HEAD.pack(MAGIC, compression, len(name), array.ndim)
    return b"".join((head, name, struct.pack(f"<{array.ndim}Q", *array.shape), body))


def unpack(packed: bytes) -> NDArray[Any]:
    """The array again; it can't be written to.

    Never more memory than the header's shape asks for, and never more than 16 MB of it.

    Raises:
        ArrayFormatError: these are not the bytes of a whole array.
    """
    try:
        magic, compression, name_length, dimensions = HEAD.unpack_from(packed)
        at = HEAD.size + name_length
        dtype = _dtype(packed[HEAD.size : at])
        shape = struct.unpack_from(f"<{dimensions}Q", packed, at)
    except struct.error as error:
        raise ArrayFormatError("The header of the array is not whole.") from error
    size = math.prod(shape) * dtype.itemsize
    if magic != MAGIC or dimensions > MOST_DIMENSIONS or max(size, *shape, 0, 0) > MOST_BYTES:
        raise ArrayFormatError("The header is not that of an array of ours.")
    body = memoryview(packed)[at + 8 * dimensions :]
    elements = _inflated(body, size) if compression == ZLIB else bytes(body)
    if len(elements) != size:
        raise ArrayFormatError(f"The array has {len(elements):,} bytes; its header says {size:,}.")
    return np.frombuffer(elements, dtype=dtype).reshape(shape)


def _dtype(name: bytes) -> np.dtype[Any]:
    try:
        dtype = np.dtype(name.decode("ascii"))
    except (TypeError, ValueError, SyntaxError) as error:
        raise ArrayFormatError("The array's type is none.") from error
    if dtype.kind not in KINDS:
        raise ArrayFormatError(f"An array of {dtype} is not read.")
    return dtype


def _inflated(body: memoryview, size: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        elements = inflater.decompress(body, max(size, 1))
        rest = inflater.decompress(inflater.unconsumed_tail, 1)
    except zlib.error as error:
        raise ArrayFormatError("The array's bytes can't be decompressed.") from error
    if rest or not inflater.eof:
        raise ArrayFormatError(f"The array has other than the {size:,} bytes that its header says.")
    return elements
