"""How far data has moved from one store to another, and where the two differ (docs/dual-write.md)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from registry.enums import DivergenceKind, DualWriteState


class DualWrite(models.Model):
    """A kind of data on its way from an old store to a new one; what has no row here has not set out."""

    name = models.CharField(max_length=32, help_text="What moves: run_notes")
    scope = models.CharField(
        max_length=32, blank=True, help_text="The experiment that moves by itself; empty for all others"
    )
    state = models.CharField(max_length=8, choices=DualWriteState.choices, default=DualWriteState.OFF)
    changed_at = models.DateTimeField(db_default=Now(), help_text="Since when it stands so")
    copied_to = models.CharField(max_length=64, blank=True, help_text="How far the copy has come")
    copied = models.PositiveBigIntegerField(default=0, help_text="Records copied since the copy began")
    is_copied = models.BooleanField(default=False, help_text="Whether the copy has come to its end")
    comparison = models.JSONField(default=dict, help_text="What the last whole comparison found")

    class Meta:
        ordering = ["name", "scope"]
        constraints = [
            models.UniqueConstraint(fields=["name", "scope"], name="dual_write_once"),
            models.CheckConstraint(
                name="dual_write_state_known", condition=Q(state__in=DualWriteState.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.scope}" if self.scope else self.name


class DualWriteQuery(models.Model):
    """One query over data on the move: where it reads while both are compared, and what that showed."""

    dual_write = models.ForeignKey(
        DualWrite, on_delete=models.CASCADE, related_name="queries", db_index=False
    )  # dual_write_query_once begins with it
    query = models.CharField(max_length=32)
    is_new = models.BooleanField(default=False, help_text="Answered by the new store already")
    compared = models.PositiveBigIntegerField(default=0, help_text="Reads of both that were compared")
    differed = models.PositiveBigIntegerField(default=0, help_text="Those that differed")
    compared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["query"]
        verbose_name_plural = "dual write queries"
        constraints = [
            models.UniqueConstraint(fields=["dual_write", "query"], name="dual_write_query_once"),
            models.CheckConstraint(
                name="dual_write_query_differed_at_most_compared",
                condition=Q(differed__lte=models.F("compared")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dual_write}: {self.query}"


class Divergence(models.Model):
    """One record that the two stores do not have alike; open until it was seen to be mended."""

    dual_write = models.ForeignKey(
        DualWrite, on_delete=models.CASCADE, related_name="divergences", db_index=False
    )  # divergence_by_dual_write begins with it
    key = models.CharField(max_length=100, help_text="The owner's id, a slash, the record's id")
    kind = models.CharField(max_length=9, choices=DivergenceKind.choices)
    old = models.JSONField(null=True, blank=True, help_text="As the old store has it")
    new = models.JSONField(null=True, blank=True, help_text="As the new store has it")
    reason = models.TextField(blank=True, help_text="Why a write was refused")
    found_at = models.DateTimeField(db_default=Now())
    mended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dual_write", "key"],
                condition=Q(mended_at__isnull=True),
                name="divergence_open_once",
            ),
            models.CheckConstraint(name="divergence_kind_known", condition=Q(kind__in=DivergenceKind.values)),
        ]
        indexes = [
            # the newest of one move
            models.Index(fields=["dual_write", "-id"], name="divergence_by_dual_write"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.get_kind_display()}"
