"""Run notes, in the table that they move to from MongoDB (docs/dual-write.md)."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from registry.fields import HexIdField

from .run import TrainingRun


class RunNote(models.Model):
    """What somebody wrote about a run; it never changes."""

    run = models.ForeignKey(
        TrainingRun, on_delete=models.CASCADE, related_name="notes", db_index=False
    )  # run_note_once begins with it
    note_id = HexIdField(editable=False)
    at = models.DateTimeField(help_text="To the millisecond, as MongoDB keeps it")
    by = models.CharField(max_length=150, blank=True, help_text="User name, empty for nobody")
    text = models.TextField()

    class Meta:
        ordering = ["at", "note_id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "note_id"], name="run_note_once"),
            models.CheckConstraint(name="run_note_not_blank", condition=~Q(text="")),
        ]
        indexes = [
            # words in notes
            GinIndex(OpClass(Upper("text"), name="gin_trgm_ops"), name="run_note_text_trigrams"),
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.text[:50]}"
