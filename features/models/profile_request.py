"""Profiles that are computed by a task because somebody asked: one row a customer."""

from django.db import models
from django.db.models import Q

from .customer import Customer

MOST_PRIORITY = 9


class ProfileRequest(models.Model):
    """The newest request for a customer's profile, and the predictions that the last one was answered with.

    ``facts`` stays while a new request waits: an old answer is better than none.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        READY = "ready", "Ready"

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="profile_request")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    number = models.PositiveIntegerField(default=1, help_text="How many requests there were, with this one")
    segment = models.CharField(max_length=20, blank=True, help_text="When it was asked for")
    priority = models.PositiveSmallIntegerField(help_text="0 to 9; 9 is served first")
    message_id = models.CharField(max_length=32, blank=True, help_text="The task that was promised")
    requested_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    facts = models.JSONField(null=True, blank=True, help_text="What the models said")
    based_on = models.CharField(
        max_length=64, blank=True, help_text="Of which purchases: another value means the facts are stale"
    )
    computed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                name="profile_request_priority_0_to_9", condition=Q(priority__lte=MOST_PRIORITY)
            ),
            models.CheckConstraint(
                name="profile_request_answered_unless_waiting",
                condition=Q(state="waiting", answered_at=None) | Q(state="ready", answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="profile_request_ready_with_facts", condition=~Q(state="ready") | Q(facts__isnull=False)
            ),
            models.CheckConstraint(
                name="profile_request_facts_with_their_time",
                condition=Q(facts__isnull=True, computed_at=None)
                | Q(facts__isnull=False, computed_at__isnull=False),
            ),
        ]
        indexes = [
            # who waits, longest first
            models.Index(
                fields=["requested_at"], name="profile_request_waiting", condition=Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"Request {self.number} of {self.customer_id}: {self.state}"
