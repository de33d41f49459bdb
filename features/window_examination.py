"""Which series an HDF5 file from outside holds, and why the rest of it is none."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from features.array_packing import MOST_BYTES, MOST_DIMENSIONS
from features.window_files import Series
from registry.exceptions import BadInputError

KINDS = "biuf"
MOST_SERIES = 1_000
MOST_NAME = 200
MOST_DEPTH = 100
MOST_CHUNK_BYTES = 64 * 1024 * 1024  # HDF5 unpacks a chunk whole, for each window of it
PIECE_BYTES = 16 * 1024 * 1024
# The best that gzip can do is about a thousand to one; what claims more was never written.
MOST_TIMES_THE_FILE = 2_000
LEAST_HUGE_BYTES = 64 * 1024 * 1024
UNREADABLE = (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError)


@dataclass(frozen=True)
class Refusal:
    """A place in the file that can't be a series, and why."""

    name: str
    reason: str


@dataclass
class Examined:
    """What a file holds: series by name, and what is none of them."""

    series: list[Series] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def examined(path: Path) -> Examined:
    """Look at everything in a file, and read every series to its end; no other file is opened.

    Raises:
        BadInputError: it is no HDF5 file, is truncated, or has more than 1,000 series.
    """
    h5py = import_module("h5py")
    found = Examined()
    try:
        with h5py.File(path, "r") as file:
            for name, held in _walk(h5py, file):
                outcome = held if isinstance(held, str) else _series_or_reason(h5py, name, held, path)
                if isinstance(outcome, Series):
                    found.series.append(outcome)
                else:
                    found.refused.append(Refusal(name if name.isprintable() else repr(name), outcome))
                if len(found.series) > MOST_SERIES:
                    raise BadInputError(f"{path.name} has more than {MOST_SERIES:,} series. Split it.")
    except UNREADABLE as error:
        raise BadInputError(
            f"{path.name} can't be read as an HDF5 file; it may be of another kind, or cut off:"
            f" {str(error)[:200]}"
        ) from error
    found.series.sort(key=lambda each: each.name)
    return found


def _walk(h5py: Any, file: Any) -> Iterator[tuple[str, Any]]:
    """Names of all that is no group, with the dataset or the reason why there is none."""
    left, seen = [("", file["/"])], {h5py.h5o.get_info(file["/"].id).addr}
    while left:
        above, group = left.pop()
        for key in sorted(group):
            name = f"{above}{key}"
            held = _held(h5py, group, key)
            if isinstance(held, str):
                yield name, held
                continue
            place = h5py.h5o.get_info(held.id).addr
            if place in seen:
                yield name, "is a second name of something else in the file"
            elif not isinstance(held, h5py.Group):
                yield name, held
            elif name.count("/") >= MOST_DEPTH:
                yield name, f"lies deeper than {MOST_DEPTH} groups"
            else:
                left.append((f"{name}/", held))
            seen.add(place)


def _held(h5py: Any, group: Any, key: str) -> Any:
    """What the name holds in this file, or why nothing."""
    link = group.get(key, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        return f"is a link into another file, {link.filename!r:.100}; copy the data into this one"
    if isinstance(link, h5py.SoftLink):
        return f"is a link to {link.path!r:.100}"
    try:
        return group[key]
    except UNREADABLE as error:
        return f"can't be opened: {str(error)[:200]}"


def _series_or_reason(h5py: Any, name: str, held: Any, path: Path) -> Series | str:
    if not isinstance(held, h5py.Dataset):
        return "is a type, not a dataset"
    try:
        if reason := _name_reason(name) or _kind_reason(h5py, held):
            return reason
        if reason := _chunk_reason(held) or _size_reason(held, path):
            return reason
        _read_through(held)
        return Series(
            name=name,
            length=held.shape[0],
            dtype=held.dtype.str,
            item_shape=tuple(held.shape[1:]),
            rate_hz=_rate(held),
            unit=_unit(held),
        )
    except UNREADABLE as error:
        return f"can't be read to its end: {str(error)[:200]}"


def _name_reason(name: str) -> str:
    if len(name) > MOST_NAME or not name.isprintable():
        return f"has a name of other than up to {MOST_NAME} printable characters"
    return ""


def _kind_reason(h5py: Any, held: Any) -> str:
    """Why its values can't be windows; virtual and external data would be read from other files."""
    plan = held.id.get_create_plist()
    if held.is_virtual:
        return "is virtual: its data lie in other files; copy them into this one"
    if plan.get_external_count():
        return "has its data in another file; copy them into this one"
    if held.dtype.kind not in KINDS or held.dtype.fields or held.dtype.subdtype:
        return f"holds {held.dtype}; a series holds whole numbers, floating-point numbers or booleans"
    for number in range(plan.get_nfilters()):
        code, _, _, label = plan.get_filter(number)
        if not h5py.h5z.filter_avail(code):
            told = label.decode(errors="replace") or f"number {code}"
            return f"is compressed by the filter {told!r:.60}, which is not installed here; use gzip"
    return ""


def _size_reason(held: Any, path: Path) -> str:
    if held.shape is None or not held.ndim:
        return "holds a single value, or none; a series has a first axis"
    if 0 in held.shape:
        return f"is empty: its shape is {held.shape}"
    if held.ndim > MOST_DIMENSIONS:
        return f"has {held.ndim} dimensions; up to {MOST_DIMENSIONS} can be kept"
    item = math.prod(held.shape[1:]) * held.dtype.itemsize
    if item > MOST_BYTES:
        return f"has items of {item:,} bytes; windows of up to {MOST_BYTES:,} are kept"
    whole, size = item * held.shape[0], path.stat().st_size
    if whole > max(LEAST_HUGE_BYTES, size * MOST_TIMES_THE_FILE):
        return f"claims {whole:,} bytes in a file of {size:,}; it was never written"
    return ""


def _chunk_reason(held: Any) -> str:
    chunk = math.prod(held.chunks or ()) * held.dtype.itemsize
    if chunk > MOST_CHUNK_BYTES:
        return f"lies in chunks of {chunk:,} bytes; chunks of up to {MOST_CHUNK_BYTES:,} are unpacked"
    return ""


def _read_through(held: Any) -> None:
    """Every chunk once: what is damaged or cut off shows now, not in a window some day."""
    step = max(1, PIECE_BYTES // max(1, math.prod(held.shape[1:]) * held.dtype.itemsize))
    for start in range(0, held.shape[0], step):
        held[start : start + step]


def _rate(held: Any) -> float:
    try:
        rate = float(held.attrs.get("rate_hz", 0))
    except UNREADABLE:
        return 0.0
    return rate if 0 <= rate < math.inf else 0.0


def _unit(held: Any) -> str:
    try:
        unit = str(held.attrs.get("unit", ""))
    except UNREADABLE:
        return ""
    return unit if unit.isprintable() and len(unit) <= MOST_NAME else ""
