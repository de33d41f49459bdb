"""Parts of large files on their way: temporary files, named after their upload, number and digest.

They lie among the other temporary files, so whatever an upload that never ends leaves is swept with them.
A mark takes their place once they are a file, so that a client that asks again hears the same.
"""

import hashlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from registry.exceptions import ArtifactError

from . import storage

DONE = "done"


class Part(NamedTuple):
    """A part that is whole on disk."""

    number: int
    sha256: str


def store_part(source: BinaryIO, *, upload: str, number: int) -> Part:
    """Keep a part; it takes the place of an earlier one with its number.

    Raises:
        ArtifactError: the disk refused, or the source ended early; nothing is left.
    """
    staged = storage.stage(source)
    part = Part(number, staged.sha256)
    storage.temporary(staged.name).replace(_path(upload, part))
    for other in _files(upload, f"{number}.*"):
        if other != _path(upload, part):
            other.unlink(missing_ok=True)
    return part


def stored_bytes(upload: str, *, except_for: int) -> int:
    """The bytes of an upload's parts, but for the one with this number."""
    mine = f"{upload}.{except_for}."
    return sum(path.stat().st_size for path in _files(upload) if not path.name.startswith(mine))


def join_parts(upload: str, parts: Sequence[Part]) -> storage.StagedFile:
    """One staged file of these parts, in their order; the parts stay.

    Raises:
        ArtifactError: the disk refused, or a part is not what it was; nothing is left.
        FileNotFoundError: a part is not there.
    """
    paths = [_path(upload, part) for part in parts]
    for path in paths:
        path.stat()
    return storage.stage(cast("BinaryIO", _Joined(paths)))


def discard_parts(upload: str) -> None:
    """Delete an upload's parts; again deletes none."""
    for path in _files(upload):
        path.unlink(missing_ok=True)


def mark_done(upload: str, sha256: str) -> None:
    """Delete an upload's parts and remember what became of them, as long as temporary files are kept."""
    discard_parts(upload)
    _path(upload, Part(0, f"{sha256}.{DONE}")).touch()


def done_as(upload: str) -> str:
    """The digest of the file that an upload has become; empty where it has not."""
    return next((path.name.split(".")[2] for path in _files(upload, f"0.*.{DONE}")), "")


class _Joined(io.RawIOBase):
    """Files one after the other, each with its digest checked when it has been read."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._pieces = _checked_pieces(paths)

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002 (a piece is as large as storage reads)
        """The next bytes, none at the end."""
        return next(self._pieces, b"")


def _checked_pieces(paths: Sequence[Path]) -> Iterator[bytes]:
    for path in paths:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(storage.CHUNK_BYTES):
                digest.update(piece)
                yield piece
        if digest.hexdigest() != path.name.split(".")[2]:
            raise ArtifactError("A part of the file is damaged on the disk. Upload the file again.")


def _path(upload: str, part: Part) -> Path:
    return storage.temporary(f"{upload}.{part.number}.{part.sha256}")


def _files(upload: str, pattern: str = "*") -> list[Path]:
    return list(storage.temporary("").glob(f"{upload}.{pattern}"))
