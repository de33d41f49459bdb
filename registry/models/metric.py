"""Metrics: what a run scored.

A ``Metric`` is one key of one run with its latest, least and greatest value, so a search needs no
history. ``MetricPoint`` is the history: partitioned, written by COPY (docs/decisions/0002).
"""

from django.db import models
from django.db.models import Q

from .run import TrainingRun


class Metric(models.Model):
    """One metric of one run and its latest value (by step, then timestamp, then value)."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="metrics", db_index=False)
    key = models.CharField(max_length=250)
    latest_value = models.FloatField()
    latest_step = models.BigIntegerField()
    latest_timestamp_ms = models.BigIntegerField()
    min_value = models.FloatField(null=True, blank=True, help_text="Least value that is a number")
    max_value = models.FloatField(null=True, blank=True, help_text="Greatest value that is a number")

    class Meta:
        ordering = ["key"]
        constraints = [
            # one series a key, and all metrics of a run
            models.UniqueConstraint(fields=["run", "key"], name="metric_once_per_run"),
            models.CheckConstraint(name="metric_key_not_blank", condition=~Q(key="")),
        ]
        indexes = [
            # runs ordered by, or filtered on, the latest value of a metric
            models.Index(fields=["key", "latest_value", "run"], name="metric_by_latest_value"),
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.latest_value}"


class MetricPoint(models.Model):
    """One logged value: 32 bytes of data, no surrogate key.

    The table has no foreign key to ``Metric`` (a check per row would halve the insert rate); a
    statement trigger on ``Metric`` deletes the points with it, and the service holds the metric's
    row lock while it inserts.
    """

    pk = models.CompositePrimaryKey("metric_id", "step", "timestamp_ms", "value")
    metric = models.ForeignKey(
        Metric,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="points",
    )
    step = models.BigIntegerField()
    timestamp_ms = models.BigIntegerField()
    value = models.FloatField()

    class Meta:
        db_table = "registry_metricpoint"

    def __str__(self) -> str:
        return f"{self.value} at step {self.step}"
