"""Artifacts of what is imported: staged before the transaction that gives them their places and rows."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from registry.artifacts import storage
from registry.exceptions import ArtifactError
from registry.models import Artifact, ArtifactOwner, TrainingRun
from registry.queries.artifact_locks import lock_digest
from registry.services.artifacts import media_type_of

from .records import ImportedFile

Staged = dict[str, storage.StagedFile]


def check_readable(files: Iterable[ImportedFile]) -> None:
    """Open each once.

    Raises:
        ArtifactError: one can't be opened.
    """
    for file in files:
        try:
            file.open().close()
        except OSError as error:
            raise _unreadable(file, error) from error


@contextmanager
def staged_files(files: Iterable[ImportedFile]) -> Iterator[Staged]:
    """Files whole on disk under temporary names, by path; what was not kept is gone at the end.

    Raises:
        ArtifactError: one can't be read, or stored whole.
    """
    staged: Staged = {}
    try:
        for file in files:
            staged[file.path] = _staged(file)
        yield staged
    finally:
        for each in staged.values():
            storage.discard(each)


def keep_files(owners: Mapping[ArtifactOwner, Staged]) -> None:
    """Give staged files of new runs or logged models their places and rows, in the running transaction."""
    digests = {file.sha256 for staged in owners.values() for file in staged.values()}
    if not digests:
        return
    lock_digest(*digests)
    for staged in owners.values():
        for file in staged.values():
            storage.keep(file)
    Artifact.objects.bulk_create(
        Artifact(
            **{"run" if isinstance(owner, TrainingRun) else "logged_model": owner},
            path=path,
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            media_type=media_type_of(path),
        )
        for owner, staged in owners.items()
        for path, file in staged.items()
    )


def _staged(file: ImportedFile) -> storage.StagedFile:
    try:
        with file.open() as content:
            return storage.stage(content, expected_bytes=file.size_bytes)
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: ImportedFile, error: OSError) -> ArtifactError:
    return ArtifactError(f"The artifact {file.path!r} can't be read: {error.strerror or error}.")
