"""Sagas: operations of several steps, written down so that a crash can't lose them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from registry.enums import SagaState, SagaStepState
from registry.fields import HexIdField


class Saga(models.Model):
    """One operation of several steps."""

    saga_id = HexIdField(unique=True, editable=False)
    kind = models.CharField(max_length=64)
    aggregate_id = models.CharField(max_length=255, blank=True, help_text="Public id or name")
    state = models.CharField(max_length=12, choices=SagaState.choices, default=SagaState.RUNNING)
    data = models.JSONField(default=dict, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(db_default=Now(), help_text="Nobody else takes it on before")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Since the last step that went well")
    last_error = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="saga_state_known", condition=Q(state__in=SagaState.values)),
        ]
        indexes = [
            # sagas to resume
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=[SagaState.RUNNING, SagaState.COMPENSATING]),
                name="saga_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.saga_id[:8]}: {self.state}"


class SagaStep(models.Model):
    """One step of a saga."""

    saga = models.ForeignKey(Saga, on_delete=models.CASCADE, related_name="steps", db_index=False)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=64)
    state = models.CharField(max_length=11, choices=SagaStepState.choices, default=SagaStepState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["saga", "position"]
        constraints = [
            models.UniqueConstraint(fields=["saga", "position"], name="saga_step_position_once"),
            models.CheckConstraint(name="saga_step_state_known", condition=Q(state__in=SagaStepState.values)),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.name}: {self.state}"
