"""Artifacts: the files that a run left."""

from django.db import models
from django.db.models import Q

from .run import TrainingRun


class Artifact(models.Model):
    """One file of a run; the row exists only once the file is whole on disk under its digest."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="artifacts")
    path = models.CharField(max_length=500, help_text="Relative, with forward slashes")
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=127, default="application/octet-stream")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["path"]
        constraints = [
            # one file a path, and the tree of a run
            models.UniqueConstraint(fields=["run", "path"], name="artifact_once_per_path"),
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
