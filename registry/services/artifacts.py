"""Logging files of a run."""

import io
import mimetypes
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from registry.artifacts import storage
from registry.artifacts.paths import checked_path
from registry.exceptions import ArtifactError
from registry.models import Artifact, TrainingRun
from registry.queries.artifact_locks import lock_digest
from registry.sync.artifact_target import promise_sweep

from .run_rows import find_run, lock_run

mimetypes.add_type("application/x-skops", ".skops")


def log_artifact(
    *, run_id: str, path: str, content: bytes | Path | BinaryIO, media_type: str = ""
) -> Artifact:
    """Store a file of a run under a path; a path that is there takes the new content.

    The file is whole and synced on disk before its row appears.

    Args:
        path: relative, with forward slashes, such as ``plots/curve.png``.
        content: bytes, a file's path, or an open binary file.

    Raises:
        NotFoundError, ConflictError: no such run, or it is deleted.
        BadInputError: the path is not acceptable.
        ArtifactError: the content could not be read or stored whole.
    """
    checked_path(path)
    find_run(run_id)
    staged = stage_content(content)
    try:
        with transaction.atomic():
            return keep_artifact(run=lock_run(run_id), path=path, staged=staged, media_type=media_type)
    finally:
        storage.discard(staged)


def keep_artifact(
    *, run: TrainingRun, path: str, staged: storage.StagedFile, media_type: str = ""
) -> Artifact:
    """Give a staged file its place and its row, in the running transaction; again changes nothing."""
    before = Artifact.objects.filter(run=run, path=path).values_list("sha256", flat=True).first()
    lock_digest(staged.sha256)
    storage.keep(staged)
    guessed = media_type or mimetypes.guess_type(path)[0] or "application/octet-stream"
    artifact, _ = Artifact.objects.update_or_create(
        run=run,
        path=path,
        defaults={"sha256": staged.sha256, "size_bytes": staged.size_bytes, "media_type": guessed},
    )
    if before not in (None, staged.sha256):
        promise_sweep([str(before)])
    return artifact


def stage_content(content: bytes | Path | BinaryIO) -> storage.StagedFile:
    """Write content to a temporary file, whole and synced.

    Raises:
        ArtifactError: it could not be read or stored whole; nothing is left.
    """
    if isinstance(content, bytes):
        return storage.stage(io.BytesIO(content), expected_bytes=len(content))
    if not isinstance(content, Path):
        return storage.stage(content)
    try:
        with content.open("rb") as file:
            return storage.stage(file, expected_bytes=content.stat().st_size)
    except OSError as error:
        raise ArtifactError(f"{content} can't be read: {error.strerror}.") from error
