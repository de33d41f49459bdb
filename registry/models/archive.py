"""Archives: old metric points and events in Parquet files instead of tables."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from registry.enums import ArchiveKind, ArchiveState
from registry.fields import HexIdField

from .run import TrainingRun


class Archive(models.Model):
    """One file of ``ARCHIVE_ROOT``, what is in it, and whether its rows are anywhere else."""

    archive_id = HexIdField(unique=True, editable=False)
    kind = models.CharField(max_length=7, choices=ArchiveKind.choices)
    state = models.CharField(max_length=8, choices=ArchiveState.choices, default=ArchiveState.WRITING)
    before = models.DateTimeField(help_text="What ended, or happened, before this")
    experiments = models.JSONField(default=list, blank=True, help_text="Names; all where there is none")
    file_name = models.CharField(max_length=100, blank=True)
    run_count = models.PositiveIntegerField(default=0)
    row_count = models.BigIntegerField(default=0, help_text="Points or events")
    byte_count = models.BigIntegerField(default=0, help_text="Size of the file")
    file_sha256 = models.CharField(max_length=64, blank=True)
    content_sha256 = models.CharField(max_length=64, blank=True, help_text="Of its rows, bit by bit")
    is_cleared = models.BooleanField(default=False, help_text="Its rows are deleted from their store")
    restored_count = models.BigIntegerField(default=0, help_text="Rows that came back")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    taken_at = models.DateTimeField(null=True, blank=True)
    restored_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="archive_kind_known", condition=Q(kind__in=ArchiveKind.values)),
            models.CheckConstraint(name="archive_state_known", condition=Q(state__in=ArchiveState.values)),
            models.CheckConstraint(
                name="archive_taken_at_agrees_with_state",
                condition=Q(state__in=[ArchiveState.WRITING, ArchiveState.WRITTEN], taken_at__isnull=True)
                | Q(state__in=[ArchiveState.TAKEN, ArchiveState.RESTORED], taken_at__isnull=False),
            ),
            models.CheckConstraint(
                name="archive_restored_at_agrees_with_state",
                condition=Q(state=ArchiveState.RESTORED, restored_at__isnull=False)
                | (~Q(state=ArchiveState.RESTORED) & Q(restored_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} before {self.before:%Y-%m-%d} ({self.archive_id[:8]})"


class ArchivedRun(models.Model):
    """A run whose points lie in a taken archive; its row goes when they are back, or the run is purged."""

    archive = models.ForeignKey(Archive, on_delete=models.CASCADE, related_name="runs")
    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="archives", db_index=False)
    point_count = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            # where the points of a run are
            models.UniqueConstraint(fields=["run", "archive"], name="archived_run_once"),
        ]

    def __str__(self) -> str:
        return f"{self.point_count} points of {self.run}"
