"""Params: what a run was trained with."""

import math

from django.db import models
from django.db.models import Q

from .run import TrainingRun


class Param(models.Model):
    """One immutable setting of a run; nested params have dotted keys."""

    # db_index: the unique constraint below begins with it, here and in the tables alike
    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="params", db_index=False)
    key = models.CharField(max_length=255)
    value = models.TextField()
    value_number = models.FloatField(null=True, blank=True, help_text="The value, where it is a number")

    class Meta:
        ordering = ["key"]
        constraints = [
            # one value a key, and all params of a run
            models.UniqueConstraint(fields=["run", "key"], name="param_once_per_run"),
            models.CheckConstraint(name="param_key_not_blank", condition=~Q(key="")),
        ]
        indexes = [
            # runs where a param compares with a number
            models.Index(fields=["key", "value_number"], name="param_by_number"),
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


def number_in(text: str) -> float | None:
    """The finite number that a text reads as, as ``value_number`` keeps it and filters compare it.

    ``2024_10`` is a text, though Python would read it.
    """
    if "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
