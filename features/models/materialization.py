"""Passes of materialisation: what was brought from the offline history to Redis, and how far one is."""

from django.db import models
from django.db.models import F, Q

from .feature_view import FeatureView


class Materialization(models.Model):
    """One pass over a view. An open one is gone on with by whoever materialises next."""

    view = models.ForeignKey(
        FeatureView, on_delete=models.CASCADE, related_name="materializations", db_index=False
    )
    until = models.DateTimeField(help_text="Event times up to here")
    since = models.DateTimeField(null=True, help_text="What the pass before covered; none: everything")
    seen = models.TextField(blank=True, help_text="PostgreSQL's snapshot when the pass before began")
    snapshot = models.TextField(help_text="PostgreSQL's snapshot when this pass began")
    position = models.CharField(max_length=200, blank=True, help_text="The last entity that is written")
    entities = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["view"], condition=Q(ended_at=None), name="materialization_one_open_per_view"
            ),
            models.CheckConstraint(
                name="materialization_ends_after_it_starts", condition=Q(ended_at__gte=F("started_at"))
            ),
        ]
        indexes = [
            # a view's last passes
            models.Index(fields=["view", "-id"], name="materialization_by_view"),
        ]

    def __str__(self) -> str:
        return f"{self.view} until {self.until:%Y-%m-%d %H:%M}"
