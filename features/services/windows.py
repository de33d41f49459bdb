"""Windows of a data set's arrays: from memory or Redis, compressed, else from its HDF5 file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from features import keys
from features.array_packing import ArrayFormatError, pack, unpack
from features.caches import WINDOWS
from features.online.read_through import Found, forget_all, read_many
from features.window_files import SOURCE, Series, path_of, read_slices, series_of_json
from registry.exceptions import BadInputError, NotFoundError
from registry.models import Dataset
from registry.services.datasets import find_dataset

MOST_WINDOWS = 1_000


@dataclass(frozen=True, slots=True)
class WindowRead:
    """A window, shape ``(length, …)``, and where it came from: ``memory``, ``redis`` or ``source``."""

    start: int
    array: NDArray[Any]
    source: str


def window_datasets() -> list[Dataset]:
    """The data sets that are HDF5 files, by name (one statement)."""
    return list(Dataset.objects.filter(source__startswith=SOURCE).order_by("name")[:500])


def series_of(dataset: Dataset) -> list[Series]:
    """The series of a data set, as they were when it was registered (no call).

    Raises:
        BadInputError: it was registered without them: it is no HDF5 file.
    """
    told = dataset.schema.get("series")
    try:
        found = [series_of_json(each) for each in told or ()]
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        found = []
    if not found:
        raise BadInputError(f"{dataset.name!r} is no file of windows: its schema names no series.")
    return found


def read_windows(*, dataset: str, starts: Sequence[int], length: int, series: str = "") -> list[WindowRead]:
    """Windows of ``length`` values from each start.

    One statement; one round trip where all are in Redis, none where all are in memory, else two. The key
    names the data set's file and digest, so a window in the cache is never stale.

    Args:
        starts: indices along the first axis, at most 1,000.
        series: by default the first.

    Raises:
        NotFoundError: there is no such data set, series or file.
        BadInputError: the data set is no HDF5 file, or a window reaches beyond the series.
    """
    if length < 1 or not 1 <= len(starts) <= MOST_WINDOWS:
        raise BadInputError(f"Ask for 1 to {MOST_WINDOWS:,} windows of 1 value and more.")
    row = find_dataset(dataset)
    path = path_of(row.source)
    names = [each.name for each in series_of(row)]
    name = series or next(iter(names), "")
    if name not in names:
        raise NotFoundError(f"{dataset!r} has no series {name[:100]!r}.")
    start_of = {
        keys.window(row.source, row.digest, name, start, length): start for start in dict.fromkeys(starts)
    }

    def read(missing: list[str]) -> dict[str, bytes]:
        arrays = read_slices(path, name, [start_of[key] for key in missing], length)
        return {key: pack(array) for key, array in zip(missing, arrays, strict=True)}

    found = read_many(WINDOWS, list(start_of), read)
    try:
        return [_unpacked(start, found[key]) for key, start in start_of.items()]
    except ArrayFormatError:
        # Somebody else's bytes under our keys: forgotten, and the file answers.
        forget_all(list(start_of))
        packed = read(list(start_of))
        return [_unpacked(start, Found(packed[key], "source")) for key, start in start_of.items()]


def _unpacked(start: int, found: Found) -> WindowRead:
    return WindowRead(start, unpack(found.value or b""), found.source)
