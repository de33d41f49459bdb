"""Artifacts on a disk that can be read here: files in the folders that the operator named, and no others.

A store says of each run where its files are; that is believed only as far as it leads into one of the roots.
Links are not followed, wherever they lead.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from registry.artifacts.paths import checked_path
from registry.exceptions import ArtifactError, BadInputError
from registry.imports.records import ImportedFile

PROXIED = "mlflow-artifacts"
PERMISSIONS = "Check its permissions."
ELSEWHERE = "Log the files again from there."
LeftOut = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """What was found for one run or model; ``left_out`` says what was not taken, and what helps."""

    files: Sequence[ImportedFile] = ()
    left_out: Sequence[LeftOut] = ()


@dataclass(frozen=True)
class ArtifactFolders:
    """The roots; none where artifacts are not wanted, or lie nowhere that can be read."""

    roots: Sequence[Path] = field(default=())
    is_wanted: bool = True

    def of(self, uri: str, tail: str) -> FoundFiles:
        """The files of a run or model.

        Args:
            uri: where the store says they are.
            tail: where MLflow puts them inside a root: ``<experiment>/<run>/artifacts``.
        """
        if not self.is_wanted or not uri:
            return FoundFiles()
        try:
            return self._of(uri, tail)
        except OSError as error:
            return FoundFiles(left_out=[(f"{uri[:200]} can't be read: {error.strerror}.", PERMISSIONS)])
        except ValueError:
            return FoundFiles(left_out=[(f"{uri[:200]} is no address.", ELSEWHERE)])

    def _of(self, uri: str, tail: str) -> FoundFiles:
        scheme, path = _parts(uri)
        if scheme not in ("", "file", PROXIED):
            return FoundFiles(left_out=[(f"{uri[:200]} is not asked.", ELSEWHERE)])
        named = [Path(path)] if scheme != PROXIED else [root / path.lstrip("/") for root in self.roots]
        usual = [root / tail for root in self.roots]
        for folder in (*named, *usual):
            if (root := self._root_of(folder)) and folder.is_dir():
                return _found(folder.resolve(), root)
        if any(map(self._root_of, named)):
            return FoundFiles()  # no file was ever logged there
        cause = f"{uri[:200]} is outside the folders that artifacts are read from."
        return FoundFiles(left_out=[(cause, "Give its folder by --artifact-root.")])

    def _root_of(self, folder: Path) -> Path | None:
        try:
            place = folder.resolve()
        except (OSError, ValueError, RuntimeError):  # a loop of links, a NUL character
            return None
        return next((root for root in self.roots if place.is_relative_to(root.resolve())), None)


def _parts(uri: str) -> tuple[str, str]:
    parts = urlsplit(uri) if "://" in uri or uri.startswith(("file:", f"{PROXIED}:")) else None
    if parts is None:
        return "", uri
    return parts.scheme, unquote(parts.path) if parts.scheme in ("file", PROXIED) else uri


def _found(folder: Path, root: Path) -> FoundFiles:
    files: list[ImportedFile] = []
    left_out: list[LeftOut] = []
    for path in _walk(folder, left_out):
        name = path.relative_to(folder).as_posix()
        try:
            checked_path(name)
            found = path.lstat()
        except BadInputError:
            left_out.append((f"{os.fsencode(name)[:200]!r} can't be an artifact's name.", "Rename it."))
        except OSError as error:
            left_out.append((f"{name[:200]!r} can't be read: {error.strerror}.", PERMISSIONS))
        else:
            if stat.S_ISREG(found.st_mode):
                files.append(ImportedFile(name, partial(_open, path, root), found.st_size))
            else:
                left_out.append((f"{name[:200]!r} is a link or a device.", "Put the file itself there."))
    return FoundFiles(files, left_out)


def _walk(folder: Path, left_out: list[LeftOut]) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        name = Path(error.filename or folder).relative_to(folder)
        left_out.append((f"The folder {str(name)[:200]!r} can't be read: {error.strerror}.", PERMISSIONS))

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders.sort()
        links = [name for name in folders if Path(place, name).is_symlink()]
        yield from (Path(place, name) for name in sorted([*names, *links]))


def _open(path: Path, root: Path) -> BinaryIO:
    """The file, unless it has become something else, or moved out of the root, since it was found."""
    try:
        if not path.parent.resolve().is_relative_to(root.resolve()):
            raise ArtifactError(f"{path.name} has left the artifact root.")
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise ArtifactError(f"{path.name} can't be read: {error.strerror}.") from error
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise ArtifactError(f"{path.name} is no file any more.")
    return os.fdopen(opened, "rb")
