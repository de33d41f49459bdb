import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.array_packing import HEAD, MAGIC, MOST_BYTES, ArrayFormatError, pack, unpack
from registry.exceptions import BadInputError


@given(
    st.sampled_from(["?", "<i1", "<i8", ">i4", "<u2", "<f2", "<f4", ">f8", "<c16"]),
    st.lists(st.integers(0, 4), max_size=4),
    st.integers(0, 2**32),
)
def test_an_array_comes_back_with_its_type_and_shape(dtype: str, shape: list[int], seed: int) -> None:
    array = np.random.default_rng(seed).integers(0, 2, size=shape).astype(dtype)
    found = unpack(pack(array))
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == array.tobytes()
    assert not found.flags.writeable


def test_nan_and_infinity_survive_and_what_repeats_is_compressed() -> None:
    array = np.array([np.nan, np.inf, -np.inf, -0.0])
    assert unpack(pack(array)).tobytes() == array.tobytes()
    assert len(pack(np.zeros(10_000))) < 400
    noise = np.random.default_rng(1).integers(0, 255, 1_000, dtype=np.uint8)
    assert len(pack(noise)) == HEAD.size + 3 + 8 + 1_000


@pytest.mark.parametrize(
    "array",
    [
        np.array([{}], dtype=object),
        np.array(["text"]),
        np.array(["2026-01-01"], dtype="M8[D]"),
        np.zeros((1,) * 9),
        np.zeros(MOST_BYTES + 1, dtype=np.uint8),
    ],
)
def test_objects_text_times_and_what_is_too_large_are_refused(array: np.ndarray) -> None:
    with pytest.raises(BadInputError, match="can't be kept"):
        pack(array)


def header(
    *, magic: bytes = MAGIC, compression: int = 1, dtype: bytes = b"<f8", shape: tuple[int, ...] = (1,)
) -> bytes:
    head = HEAD.pack(magic, compression, len(dtype), len(shape))
    return head + dtype + struct.pack(f"<{len(shape)}Q", *shape)


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"\x80\x04pickle, or whatever else",
        header(magic=b"none") + zlib.compress(bytes(8)),
        header(dtype=b"|O8") + zlib.compress(bytes(8)),
        header(dtype=b"\xff\xff") + zlib.compress(bytes(8)),
        header(shape=(2**62, 2**62)) + zlib.compress(bytes(8)),
        header(shape=(2**40,), dtype=b"|u1") + zlib.compress(bytes(8)),
        header() + b"no zlib",
        header() + zlib.compress(bytes(100_000_000)),
        header() + zlib.compress(bytes(7)),
        header() + zlib.compress(bytes(8))[:-2],
        header(compression=0) + bytes(9),
        header(shape=(0,)) + zlib.compress(bytes(9)),
    ],
)
def test_anything_else_is_refused_without_being_unfolded(packed: bytes) -> None:
    with pytest.raises(ArrayFormatError):
        unpack(packed)
