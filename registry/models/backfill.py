"""How far a backfill is: its checkpoint, and what it did."""

from django.db import models
from django.db.models.functions import Now


class Backfill(models.Model):
    """One walk over runs, in the order of their keys, that brings their bodies to MongoDB.

    Saved in the transaction of each batch, so the next one begins where the last was committed.
    """

    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    since = models.DateTimeField(null=True, blank=True, help_text="Only runs that started then or later")
    experiment = models.CharField(max_length=255, blank=True, help_text="Only runs of this experiment")
    is_again = models.BooleanField(default=False, help_text="Bodies that MongoDB has had were sent anew")
    total = models.PositiveIntegerField(default=0, help_text="Runs chosen")
    looked_at = models.PositiveIntegerField(default=0)
    last_run = models.BigIntegerField(default=0, help_text="Key of the last run looked at")
    made = models.PositiveIntegerField(default=0, help_text="Bodies made of rows, or copied")
    sent_again = models.PositiveIntegerField(default=0, help_text="Documents owed anew")
    waiting = models.PositiveIntegerField(default=0, help_text="Runs that only MongoDB can tell of")
    refused = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=dict, blank=True, help_text="The first hundred, with reasons")
    working_seconds = models.FloatField(default=0)
    is_verified = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Backfill of {self.started_at:%Y-%m-%d %H:%M}"
