"""Folders that appear whole: written under another name, synced, renamed."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.exceptions import ArtifactError

UNFINISHED = ".unfinished-"


@contextmanager
def whole_folder(final: Path) -> Iterator[Path]:
    """A folder to write into, which gets its name when all went well; else nothing is left.

    What an earlier try left under the temporary name is deleted first.

    Raises:
        ArtifactError: the disk refused.
    """
    unfinished = final.parent / f"{UNFINISHED}{final.name}"
    try:
        remove_folder(unfinished)
        unfinished.mkdir(parents=True)
        yield unfinished
        sync_folder(unfinished)
        unfinished.rename(final)
        sync_folder(final.parent)
    except BaseException as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if isinstance(error, OSError):
            raise _refused(final, error) from error
        raise


def write_text(path: Path, text: str) -> None:
    """Write a file and sync it."""
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def sha256_of(path: Path) -> str:
    """The file's SHA-256.

    Raises:
        ArtifactError: it can't be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArtifactError(f"The file {path.name} can't be read: {error.strerror or error}.") from error


def remove_folder(folder: Path) -> None:
    """Delete a folder with what is in it; again deletes nothing."""
    if folder.exists():
        shutil.rmtree(folder)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last through a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refused(final: Path, error: OSError) -> ArtifactError:
    return ArtifactError(
        f"{final.name} could not be written: {error.strerror or error}."
        " Check the disk's space and the folder's permissions."
    )
