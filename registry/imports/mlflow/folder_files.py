"""The files of a folder ``mlruns``: read within bounds, and never through a link."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from registry.artifacts.plain_yaml import read_fields
from registry.exceptions import BadInputError

from . import values
from .values import UnreadableError

META = "meta.yaml"
MAX_META_BYTES = 32 * 1024 * 1024  # a dataset's profile may have 16 MB
MAX_TEXT_BYTES = 16 * 1024 * 1024
MAX_LINE_BYTES = 4_096
SHOWN = 60


def folders(place: Path) -> list[str]:
    """The names of the folders inside, in their order; none where there is no such folder.

    Raises:
        UnreadableError: it can't be read.
    """
    try:
        if not is_folder(place):
            return []
        with os.scandir(place) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError as error:
        raise _unreadable(place, error) from error


def links(place: Path) -> list[str]:
    """The names of the links inside, which are not followed.

    Raises:
        UnreadableError: it can't be read.
    """
    try:
        with os.scandir(place) as entries:
            return sorted(entry.name for entry in entries if entry.is_symlink())
    except OSError as error:
        raise _unreadable(place, error) from error


def is_folder(place: Path) -> bool:
    """Whether there is a folder, and no link to one."""
    try:
        return stat.S_ISDIR(place.lstat().st_mode)
    except FileNotFoundError:
        return False


def meta(place: Path) -> dict[str, Any]:
    """The fields of the ``meta.yaml`` in a folder.

    Raises:
        UnreadableError: there is none, or none that can be read.
    """
    data = _content(place / META, MAX_META_BYTES)
    try:
        return read_fields(data, name=META, max_bytes=MAX_META_BYTES)
    except BadInputError as error:
        raise UnreadableError(str(error), "Restore it from a backup, or delete the folder.") from error


def texts(place: Path) -> dict[str, str]:
    """The files below a folder, as MLflow keeps params and tags: a slash in a key is a folder.

    Raises:
        UnreadableError: one can't be read, or is no text.
    """
    return {key: _text(path, key) for key, path in keys(place)}


def keys(place: Path) -> Iterator[tuple[str, Path]]:
    """Keys and files below a folder, in the order of the keys.

    Raises:
        UnreadableError: a folder or a name can't be read.
    """
    found = []
    try:
        waiting = [place] if is_folder(place) else []
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    else:
                        path = Path(entry.path)
                        key = path.relative_to(place).as_posix()
                        found.append((values.checked_text(key, where="A file's name"), path))
    except OSError as error:
        raise _unreadable(place, error) from error
    yield from sorted(found)


def lines(path: Path, key: str) -> Iterator[tuple[int, list[bytes]]]:
    """The words of each line, with its number from 1; the last one may lack its end only if it has all.

    Raises:
        UnreadableError: a line is none of MLflow's.
    """
    with _opened(path) as file:
        for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES), b""), start=1):
            words = line.split()
            if len(line) >= MAX_LINE_BYTES or (not line.endswith(b"\n") and len(words) < 3):  # noqa: PLR2004
                raise bad_line(key, number, line, "is cut off, or too long")
            yield number, words


def bad_line(key: str, number: int, line: bytes, what: str) -> UnreadableError:
    """What is said of a line of a metric's file."""
    shown = line[:SHOWN].decode(errors="replace").strip()
    return UnreadableError(
        f"Line {number} of the metric {key!r}, {shown!r}, {what}.",
        "A line is a timestamp, a value and a step. Complete it, or delete it.",
    )


def _text(path: Path, key: str) -> str:
    try:
        return _content(path, MAX_TEXT_BYTES).decode()
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"{key} is no UTF-8 text.", "Convert it to UTF-8; MLflow reads and writes nothing else."
        ) from error


def _content(path: Path, most: int) -> bytes:
    with _opened(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise UnreadableError(f"{path.name} has more than {most:,} bytes.", "Shorten it.")
    return data


def _opened(path: Path) -> BinaryIO:
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise UnreadableError(f"{path.name} is no file.", "Put a file there, or delete it.")
    return os.fdopen(opened, "rb")


def _unreadable(path: Path, error: OSError) -> UnreadableError:
    if error.errno == errno.ELOOP:
        return UnreadableError(f"{path.name} is a link, which is not followed.", "Put the file itself there.")
    if isinstance(error, FileNotFoundError):
        return UnreadableError(f"There is no {path.name}.", "Restore it from a backup, or delete the folder.")
    return UnreadableError(f"{path.name} can't be read: {error.strerror}.", "Check its permissions.")
