"""Artifacts: the files that a run left, or that make up a logged model."""

from django.db import models
from django.db.models import Q

from .logged_model import LoggedModel
from .run import TrainingRun

ArtifactOwner = TrainingRun | LoggedModel


class ArtifactQuerySet(models.QuerySet["Artifact"]):
    """Files by whose they are and where."""

    def of(self, owner: ArtifactOwner) -> "ArtifactQuerySet":
        """Those of a run or a logged model."""
        return self.filter(run=owner) if isinstance(owner, TrainingRun) else self.filter(logged_model=owner)

    def at_or_under(self, path: str) -> "ArtifactQuerySet":
        """The file at a path, or those in the folder there; all for an empty path."""
        return self.filter(Q(path=path) | Q(path__startswith=f"{path}/")) if path else self


class Artifact(models.Model):
    """One file of a run or a logged model; its row exists only once it is whole on disk under its digest."""

    run = models.ForeignKey(
        TrainingRun, on_delete=models.CASCADE, null=True, blank=True, related_name="artifacts", db_index=False
    )
    logged_model = models.ForeignKey(
        LoggedModel, on_delete=models.CASCADE, null=True, blank=True, related_name="artifacts", db_index=False
    )
    path = models.CharField(max_length=500, help_text="Relative, with forward slashes")
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=127, default="application/octet-stream")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ArtifactQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        constraints = [
            # one file a path, and the tree of a run
            models.UniqueConstraint(fields=["run", "path"], name="artifact_once_per_path"),
            # one file a path, and the tree of a logged model
            models.UniqueConstraint(fields=["logged_model", "path"], name="artifact_once_per_model_path"),
            models.CheckConstraint(
                name="artifact_has_one_owner",
                condition=Q(run__isnull=False, logged_model__isnull=True)
                | Q(run__isnull=True, logged_model__isnull=False),
            ),
            models.CheckConstraint(name="artifact_size_not_negative", condition=Q(size_bytes__gte=0)),
            models.CheckConstraint(
                name="artifact_sha256_is_hex", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="artifact_path_relative",
                condition=~Q(path="") & ~Q(path__startswith="/") & ~Q(path__contains=".."),
            ),
        ]
        indexes = [
            # whether a stored file is still used
            models.Index(fields=["sha256"], name="artifact_by_digest"),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def owner_id(self) -> str:
        """The public id of the run or logged model that has the file."""
        owned = self.run.run_id if self.run else self.logged_model and self.logged_model.model_id
        return owned or ""
