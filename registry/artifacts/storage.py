"""Files on disk, kept under their own digest.

A file is written to ``tmp/`` and synced (:func:`stage`), then renamed to ``sha256/ab/abcd…`` by the
transaction that inserts its row (:func:`keep`). A crash leaves a temporary file or an unused digest,
both swept later, never half a file under a name that a row points to. The same content is kept once.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from registry.crash_points import crash_point
from registry.exceptions import ArtifactError

# 20 MB are received, hashed and written in 62 ms in pieces of 256 KB, which the cache holds; 73 of 1 MB.
CHUNK_BYTES = 256 * 1024
KEEP_UNUSED_SECONDS = 24 * 3600


@dataclass(frozen=True)
class StagedFile:
    """A file that is whole on disk, under a temporary name."""

    name: str
    sha256: str
    size_bytes: int


def stage(source: BinaryIO, *, expected_bytes: int | None = None) -> StagedFile:
    """Write everything that ``source`` holds to a temporary file, whole and synced.

    Raises:
        ArtifactError: the disk refused, or the source ended early; nothing is left.
    """
    name = secrets.token_hex(16)
    path = temporary(name)
    try:
        staged = _write(source, path)
        _require_size(staged, expected_bytes)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _refused(error) from error
        raise
    crash_point("artifact.after_stage")
    return staged


def keep(staged: StagedFile) -> None:
    """Move a staged file to its place; again changes nothing.

    Call it inside the transaction that inserts the file's row, under the lock of its digest
    (:func:`registry.queries.artifact_locks.lock_digest`), so that no sweep takes it in between.

    Raises:
        ArtifactError: the disk refused, or the staged file is gone.
    """
    final, path = path_of(staged.sha256), temporary(staged.name)
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() or not final.exists():
            path.replace(final)
            _sync_folder(final.parent)
    except OSError as error:
        raise _refused(error) from error
    crash_point("artifact.after_keep")


def discard(staged: StagedFile) -> None:
    """Delete a staged file that is not wanted after all."""
    temporary(staged.name).unlink(missing_ok=True)


def remove(sha256: str) -> bool:
    """Delete a file that no row uses; False where there was none. Under the lock of its digest."""
    try:
        path_of(sha256).unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _refused(error) from error
    return True


def temporary(name: str) -> Path:
    """Where a temporary file of this name lies; the folder of them all for an empty name."""
    return _root() / "tmp" / name


def path_of(sha256: str) -> Path:
    """Where a digest's file lies."""
    return _root() / "sha256" / sha256[:2] / sha256


def read(sha256: str, *, size_bytes: int) -> Iterator[bytes]:
    """The file's bytes, in pieces.

    Raises:
        ArtifactError: the file is missing, or not the one that was stored.
    """
    with opened(sha256, size_bytes=size_bytes) as file:
        while piece := file.read(CHUNK_BYTES):
            yield piece


def opened(sha256: str, *, size_bytes: int) -> FileIO:
    """The file, open for reading; the caller closes it.

    Raises:
        ArtifactError: the file is missing, or not the one that was stored.
    """
    try:
        file = FileIO(path_of(sha256))
    except OSError as error:
        raise ArtifactError(f"The file {sha256[:12]} is missing from the artifact store.") from error
    actual = os.fstat(file.fileno()).st_size
    if actual != size_bytes:
        file.close()
        raise ArtifactError(f"The file {sha256[:12]} has {actual} bytes instead of {size_bytes}.")
    return file


def verify(sha256: str) -> bool:
    """Whether the file is there and has its digest."""
    try:
        with path_of(sha256).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def size_of(sha256: str) -> int | None:
    """The bytes of a digest's file, None where there is no file."""
    try:
        return path_of(sha256).stat().st_size
    except OSError:
        return None


def sweep_temporary(*, older_than_seconds: int = KEEP_UNUSED_SECONDS) -> int:
    """Delete temporary files that a crash left; returns how many."""
    cutoff = time.time() - older_than_seconds
    stale = [path for path in temporary("").glob("*") if path.stat().st_mtime < cutoff]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def _root() -> Path:
    root: Path = settings.ARTIFACT_ROOT
    return root


def _require_size(staged: StagedFile, expected_bytes: int | None) -> None:
    if expected_bytes is not None and staged.size_bytes != expected_bytes:
        raise ArtifactError(
            f"The file changed while it was read: {staged.size_bytes} bytes came,"
            f" {expected_bytes} were expected. Log it again when it is complete."
        )


def _refused(error: OSError) -> ArtifactError:
    return ArtifactError(
        f"The artifact could not be stored in {_root()}: {error.strerror or error}."
        " Check the disk's space and the folder's permissions."
    )


def _write(source: BinaryIO, path: Path) -> StagedFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        while piece := source.read(CHUNK_BYTES):
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        file.flush()
        os.fsync(file.fileno())
    return StagedFile(path.name, digest.hexdigest(), size)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
