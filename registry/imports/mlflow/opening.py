"""What a place is: a folder ``mlruns``, a file of SQLite, or the address of a PostgreSQL database."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from registry.imports.records import Source

from .artifact_folders import ArtifactFolders
from .database import MlflowDatabase
from .folder import MlrunsFolder
from .tables import PostgresTables, SqliteTables
from .values import UnreadableError

MLRUNS = "mlruns"
BESIDE = (MLRUNS, "mlartifacts")
"""Where MLflow keeps artifacts beside a database, unless it is told otherwise."""


@dataclass(frozen=True)
class Wanted:
    """What of a store is to be read.

    Attributes:
        experiments: by name; all where there are none.
        artifact_root: the only folder whose files are read; None for the store's own folders.
    """

    experiments: Sequence[str] = field(default=())
    has_artifacts: bool = True
    artifact_root: Path | None = None


def open_source(place: str, wanted: Wanted) -> Source:
    """The store at a place.

    Raises:
        BadInputError: there is none, or none of MLflow's.
    """
    scheme = place.partition("://")[0].partition("+")[0]
    if scheme in ("postgresql", "postgres"):
        tables = PostgresTables(place)
        folders = _artifacts(wanted, [])
        return MlflowDatabase(tables, place=tables.place, folders=folders, experiments=wanted.experiments)
    path = _local(place, scheme)
    if _is_folder(path):
        return _folder(path, wanted)
    if not os.path.lexists(path):
        raise UnreadableError(f"There is nothing at {place}.", "Correct the place.")
    folders = _artifacts(wanted, [path.resolve().parent / name for name in BESIDE])
    return MlflowDatabase(
        SqliteTables(path), place=str(path.resolve()), folders=folders, experiments=wanted.experiments
    )


def _folder(path: Path, wanted: Wanted) -> MlrunsFolder:
    path = path.resolve()
    inner = path / MLRUNS
    if _is_link(inner):
        raise UnreadableError(f"{inner} is a link, which is not followed.", "Give the folder itself.")
    root = inner if _is_folder(inner) else path
    return MlrunsFolder(root, files=_artifacts(wanted, [root]), experiments=wanted.experiments)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # who may not look is told so when the source is examined


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError:
        return False


def _artifacts(wanted: Wanted, usual: Sequence[Path]) -> ArtifactFolders:
    """Files below the folder that the operator named; else below the usual ones, where they are no links."""
    named = wanted.artifact_root
    roots = [named] if named is not None else [root for root in usual if not _is_link(root)]
    return ArtifactFolders(roots, is_wanted=wanted.has_artifacts)


def _local(place: str, scheme: str) -> Path:
    if scheme == "sqlite":
        return Path(place.partition(":///")[2].partition("?")[0])
    if scheme == "file" or place.startswith("file:"):
        try:
            return Path(unquote(urlsplit(place).path))
        except ValueError as error:
            raise UnreadableError(f"{place} is no address of a file.", "Give its path.") from error
    if "://" in place:
        raise UnreadableError(
            f"{scheme}:// is no place that can be read.",
            "Give a folder, a file, sqlite:///… or postgresql://….",
        )
    return Path(place)
