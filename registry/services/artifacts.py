"""Logging files of a run or a logged model, and deleting them."""

import io
import mimetypes
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from django.db import transaction

from registry.artifacts import storage
from registry.artifacts.paths import checked_path
from registry.enums import Lifecycle
from registry.exceptions import ArtifactError, ConflictError, NotFoundError, in_the_bin
from registry.models import Artifact, ArtifactOwner, LoggedModel, ModelVersion, TrainingRun
from registry.queries.artifact_locks import lock_digest
from registry.sync.artifact_target import promise_sweep
from registry.sync.audit import record

from .run_rows import find_run, lock_run

mimetypes.add_type("application/x-skops", ".skops")
Content = bytes | Path | BinaryIO


def log_artifact(*, run_id: str, path: str, content: Content, media_type: str = "") -> Artifact:
    """Store a file of a run under a path; a path that is there takes the new content.

    The file is whole and synced on disk before its row appears.

    Args:
        path: relative, with forward slashes, such as ``plots/curve.png``.
        content: bytes, a file's path, or an open binary file.

    Raises:
        NotFoundError, ConflictError: no such run, or it is deleted; the path is a folder, or leads
            through a file.
        BadInputError: the path is not acceptable.
        ArtifactError: the content could not be read or stored whole.
    """
    checked_path(path)
    return log_owned_artifact(owner=find_run(run_id), path=path, content=content, media_type=media_type)


def log_owned_artifact(
    *, owner: ArtifactOwner, path: str, content: Content, media_type: str = ""
) -> Artifact:
    """The same for a run or a logged model that was found already."""
    checked_path(path)
    return keep_staged(owner=owner, path=path, staged=stage_content(content), media_type=media_type)


def keep_staged(
    *, owner: ArtifactOwner, path: str, staged: storage.StagedFile, media_type: str = ""
) -> Artifact:
    """Give a staged file its place and its row, or discard it."""
    try:
        with transaction.atomic():
            return keep_artifact(owner=lock_owner(owner), path=path, staged=staged, media_type=media_type)
    finally:
        storage.discard(staged)


def keep_artifact(
    *, owner: ArtifactOwner, path: str, staged: storage.StagedFile, media_type: str = ""
) -> Artifact:
    """Give a staged file its place and its row, in the running transaction; again changes nothing."""
    before = _digest_before(owner, path)
    lock_digest(staged.sha256)
    storage.keep(staged)
    is_of_run = isinstance(owner, TrainingRun)
    artifact = Artifact(
        **{"run" if is_of_run else "logged_model": owner},
        path=path,
        sha256=staged.sha256,
        size_bytes=staged.size_bytes,
        media_type=media_type or media_type_of(path),
    )
    Artifact.objects.bulk_create(
        [artifact],
        update_conflicts=True,
        unique_fields=["run" if is_of_run else "logged_model", "path"],
        update_fields=["sha256", "size_bytes", "media_type"],
    )
    if before not in ("", staged.sha256):
        promise_sweep([before])
    return artifact


def media_type_of(path: str) -> str:
    """What a file's name says of its content."""
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


def delete_artifacts(*, owner: ArtifactOwner, path: str = "") -> int:
    """Delete a file, or a folder with all that is in it; returns how many files went. Again deletes none.

    Args:
        path: as it was logged; empty for everything.

    Raises:
        NotFoundError, ConflictError: the owner is gone; or a model version is made of these files.
    """
    with transaction.atomic():
        rows = Artifact.objects.of(lock_owner(owner)).at_or_under(path)
        digests = list(rows.values_list("sha256", flat=True))
        if digests:
            _require_unused(owner, path)
            rows.delete()
            promise_sweep(sorted(set(digests)))
            details = {"path": path, "files": len(digests)}
            record(action="artifact.delete", subject_id=_public_id(owner), details=details)
        return len(digests)


def lock_owner(owner: ArtifactOwner) -> ArtifactOwner:
    """The run or the logged model, its row locked until the transaction ends.

    Raises:
        NotFoundError: it is gone.
        ConflictError: it is in the bin.
    """
    if isinstance(owner, TrainingRun):
        return lock_run(owner.run_id)
    model = LoggedModel.objects.select_for_update(of=("self",)).filter(pk=owner.pk).first()
    if model is None:
        raise NotFoundError(f"Logged model with ID 'm-{owner.model_id}' not found.")
    if model.lifecycle != Lifecycle.ACTIVE:
        raise in_the_bin("logged model", f"m-{model.model_id}")
    return model


def stage_content(content: Content) -> storage.StagedFile:
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


def _digest_before(owner: ArtifactOwner, path: str) -> str:
    """What is at the path now; empty for nothing. A folder is no file's place, nor a file a folder's."""
    folders = [str(folder) for folder in PurePosixPath(path).parents][:-1]
    there = Artifact.objects.of(owner)
    near = there.at_or_under(path) | there.filter(path__in=folders)
    found = near.order_by().values_list("path", "sha256").first()
    if found is None:
        return ""
    if found[0] != path:
        raise ConflictError(f"{path!r} can't be stored: there is {found[0]!r} already.")
    return found[1]


def _require_unused(owner: ArtifactOwner, path: str) -> None:
    is_of_run = isinstance(owner, TrainingRun)
    made_of = {"run": owner, "logged_model": None} if is_of_run else {"logged_model": owner}
    for version in ModelVersion.objects.filter(**made_of).select_related("model"):
        inside = version.artifact_path.strip("/")
        nested = not (inside and path) or f"{inside}/".startswith(f"{path}/") or path.startswith(f"{inside}/")
        if nested:
            raise ConflictError(
                f"{version.model.name} version {version.number} is made of these files. Delete it first."
            )


def _public_id(owner: ArtifactOwner) -> str:
    return owner.run_id if isinstance(owner, TrainingRun) else f"m-{owner.model_id}"
