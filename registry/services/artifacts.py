"""Logging files of a run."""

import io
import mimetypes
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from registry.artifacts import storage
from registry.artifacts.paths import checked_path
from registry.exceptions import ArtifactError
from registry.models import Artifact

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
    stored = _store(content)
    guessed = media_type or mimetypes.guess_type(path)[0] or "application/octet-stream"
    with transaction.atomic():
        run = lock_run(run_id)
        artifact, _ = Artifact.objects.update_or_create(
            run=run,
            path=path,
            defaults={"sha256": stored.sha256, "size_bytes": stored.size_bytes, "media_type": guessed},
        )
    return artifact


def _store(content: bytes | Path | BinaryIO) -> storage.StoredFile:
    if isinstance(content, bytes):
        return storage.put(io.BytesIO(content), expected_bytes=len(content))
    if not isinstance(content, Path):
        return storage.put(content)
    try:
        with content.open("rb") as file:
            return storage.put(file, expected_bytes=content.stat().st_size)
    except OSError as error:
        raise ArtifactError(f"{content} can't be read: {error.strerror}.") from error
