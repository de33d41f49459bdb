"""HDF5 files of signals and images, read window by window."""

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from registry.exceptions import BadInputError, NotFoundError

SOURCE = "hdf5:"
MOST_BYTES = 256 * 1024 * 1024  # of one reading
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.h5")


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a file: values along the first axis, at ``rate_hz`` where that axis is time (else 0)."""

    name: str
    length: int
    dtype: str
    item_shape: tuple[int, ...] = ()
    rate_hz: float = 0.0
    unit: str = ""


def series_of_json(told: Mapping[str, Any]) -> Series:
    """A series as a data set's schema tells of it; the schema may come from outside.

    Raises:
        AttributeError, KeyError, TypeError, ValueError, OverflowError: it is none.
    """
    series = Series(
        name=str(told["name"]),
        length=int(told["length"]),
        dtype=str(told["dtype"]),
        item_shape=tuple(map(int, told.get("item_shape", ()))),
        rate_hz=float(told.get("rate_hz", 0)),
        unit=str(told.get("unit", "")),
    )
    if series.length < 1 or not 0 <= series.rate_hz < math.inf or min(series.item_shape, default=1) < 1:
        raise ValueError(series.name)
    return series


def path_of(source: str) -> Path:
    """The file that a data set's source names: ``hdf5:ecg.h5`` lies in ``DATA_ROOT``.

    Raises:
        BadInputError: the source names no file there.
    """
    name = source.removeprefix(SOURCE)
    if not source.startswith(SOURCE) or not FILE_NAME.fullmatch(name):
        raise BadInputError(f"The source {source[:100]!r} is no HDF5 file of DATA_ROOT, such as hdf5:ecg.h5.")
    return Path(settings.DATA_ROOT) / name


def write_file(path: Path, arrays: Mapping[str, NDArray[Any]], *, rate_hz: float = 0, unit: str = "") -> None:
    """Write series into a file, whole or not at all; the same series make the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    h5py = _h5py()
    unfinished = path.with_suffix(".part")
    with h5py.File(unfinished, "w") as file:
        for name, array in arrays.items():
            series = file.create_dataset(name, data=array)
            series.attrs.update({"rate_hz": rate_hz, "unit": unit})
    unfinished.replace(path)


def digest_of(path: Path) -> str:
    """SHA-256 of the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def series_in(path: Path) -> list[Series]:
    """The series of a file, by name."""
    h5py = _h5py()
    with h5py.File(path, "r") as file:
        return [
            Series(
                name=name,
                length=found.shape[0],
                dtype=found.dtype.str,
                item_shape=tuple(found.shape[1:]),
                rate_hz=float(found.attrs.get("rate_hz", 0)),
                unit=str(found.attrs.get("unit", "")),
            )
            for name, found in sorted(file.items())
            if isinstance(found, h5py.Dataset) and found.ndim
        ]


def read_slices(path: Path, series: str, starts: Sequence[int], length: int) -> list[NDArray[Any]]:
    """Windows of ``length`` values from each start, the file opened once.

    Raises:
        NotFoundError: there is no such file or series.
        BadInputError: a window reaches beyond the series, or they are too large together.
    """
    h5py = _h5py()
    if not path.is_file():
        raise NotFoundError(
            f"The file {path.name} is not in DATA_ROOT. Make the demo's: manage.py windows prepare"
        )
    with h5py.File(path, "r") as file:
        found = file.get(series)
        if not isinstance(found, h5py.Dataset) or not found.ndim:
            raise NotFoundError(f"{path.name} has no series {series[:100]!r}.")
        if any(start < 0 or start + length > found.shape[0] for start in starts):
            raise BadInputError(f"{series!r} ends at {found.shape[0]:,}; a window reaches beyond.")
        size = length * math.prod(found.shape[1:]) * found.dtype.itemsize
        if (asked := size * len(starts)) > MOST_BYTES:
            raise BadInputError(f"These windows have {asked:,} bytes; up to {MOST_BYTES:,} are read.")
        return [np.asarray(found[start : start + length]) for start in starts]


def _h5py() -> Any:
    """Imported when a file is opened: it is slow, and a window in the cache needs none."""
    try:
        return import_module("h5py")
    except ImportError as error:
        raise NotFoundError("HDF5 files need the h5py wheel: pip install -r requirements.txt") from error
