"""New customers on their way in, step by step."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from registry.fields import HexIdField

from .geography import City


class Onboarding(models.Model):
    """One application to become a customer: what was said of them, and how far they are.

    A refused one leaves customer id and email free for another try.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"

    class Source(models.TextChoices):
        API = "api", "API"
        FILE = "file", "File"
        CDNOW = "cdnow", "CDNOW"

    onboarding_id = HexIdField(unique=True, editable=False)
    customer_id = models.CharField(max_length=32)
    name = models.CharField(max_length=200)
    email = models.EmailField(help_text="In lower case")
    city_name = models.CharField(max_length=200)
    country_code = models.CharField(max_length=2)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    joined_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False, help_text="Made up, for want of a source")
    source = models.CharField(max_length=5, choices=Source.choices, default=Source.API)
    city = models.ForeignKey(
        City, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="As it was found"
    )
    state = models.CharField(max_length=7, choices=State.choices, default=State.RUNNING)
    reason = models.TextField(blank=True, help_text="Why it was refused")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer_id"], condition=~Q(state="refused"), name="onboarding_once_per_customer"
            ),
            models.UniqueConstraint(
                fields=["email"], condition=~Q(state="refused"), name="onboarding_once_per_email"
            ),
            models.CheckConstraint(
                name="onboarding_state_known", condition=Q(state__in=["running", "done", "refused"])
            ),
            models.CheckConstraint(
                name="onboarding_source_known", condition=Q(source__in=["api", "file", "cdnow"])
            ),
            models.CheckConstraint(
                name="onboarding_ended_at_agrees_with_state",
                condition=Q(state="running", ended_at=None) | (~Q(state="running") & ~Q(ended_at=None)),
            ),
            models.CheckConstraint(
                name="onboarding_reason_agrees_with_state",
                condition=(Q(state="refused") & ~Q(reason="")) | (~Q(state="refused") & Q(reason="")),
            ),
        ]
        indexes = [
            # those under way, and refusals: few beside those that are done
            models.Index(fields=["state", "-id"], condition=~Q(state="done"), name="onboarding_not_done"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.customer_id}): {self.state}"


class OnboardingStep(models.Model):
    """One step that an onboarding has come to; its task's attempts and errors are its delivery's."""

    class Name(models.TextChoices):
        """The steps, in their order."""

        VALIDATE = "validate", "Validate"
        LOCATE = "locate", "Locate"
        STORE = "store", "Store"
        FEATURES = "features", "First features"
        CACHE = "cache", "Cache the profile"
        RECOMMEND = "recommend", "Queue for recommendations"

    class State(models.TextChoices):
        PROMISED = "promised", "Promised"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"

    onboarding = models.ForeignKey(Onboarding, on_delete=models.CASCADE, related_name="steps", db_index=False)
    name = models.CharField(max_length=9, choices=Name.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROMISED)
    message_id = models.CharField(max_length=32, db_collation="C", help_text="The task that takes it")
    promised_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True, help_text="The attempt that went through")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["onboarding", "id"]
        constraints = [
            models.UniqueConstraint(fields=["onboarding", "name"], name="onboarding_step_once"),
            models.CheckConstraint(
                name="onboarding_step_name_known",
                condition=Q(name__in=["validate", "locate", "store", "features", "cache", "recommend"]),
            ),
            models.CheckConstraint(
                name="onboarding_step_state_known", condition=Q(state__in=["promised", "done", "refused"])
            ),
            models.CheckConstraint(
                name="onboarding_step_ended_at_agrees_with_state",
                condition=Q(state="promised", ended_at=None) | (~Q(state="promised") & ~Q(ended_at=None)),
            ),
            models.CheckConstraint(
                name="onboarding_step_ends_after_it_starts", condition=Q(ended_at__gte=F("started_at"))
            ),
        ]
        indexes = [
            # where the waiting ones wait: few beside those that are done
            models.Index(
                fields=["name", "promised_at"], condition=Q(state="promised"), name="onboarding_step_waiting"
            ),
            # how long steps took lately
            models.Index(fields=["-ended_at"], name="onboarding_step_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"
