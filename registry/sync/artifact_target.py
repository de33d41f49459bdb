"""The artifact folder as a target of the outbox: files that no row uses any more are deleted."""

from collections.abc import Sequence

from django.db import transaction

from registry.artifacts import storage
from registry.enums import OutboxTarget
from registry.exceptions import ArtifactError
from registry.models import Artifact
from registry.queries.artifact_locks import lock_digest

from .outbox import Debt, owe
from .targets import Entry, Refusal, TargetUnavailableError

SWEEP = "artifact.sweep"


class ArtifactTarget:
    """Deletes files by digest, each under its lock."""

    title = "Artifact store"

    def ping(self) -> None:
        """Always there, or found out by the deletion itself."""

    def apply(self, entries: Sequence[Entry], *, seconds: float) -> list[Refusal]:  # noqa: ARG002 (a file is local)
        """Delete what no row uses; a digest that is used again stays."""
        try:
            for digest in {entry.document_id for entry in entries}:
                sweep(digest)
        except ArtifactError as error:
            raise TargetUnavailableError(str(error)) from error
        return []


def promise_sweep(digests: Sequence[str]) -> None:
    """Owe the artifact folder a look at these digests, in the running transaction."""
    owe([Debt(OutboxTarget.ARTIFACTS, SWEEP, digest, document_id=digest) for digest in digests])


def sweep(sha256: str) -> bool:
    """Delete a file that no row uses; False where one does, or it is gone."""
    with transaction.atomic():
        lock_digest(sha256)
        if Artifact.objects.filter(sha256=sha256).exists():
            return False
        return storage.remove(sha256)
