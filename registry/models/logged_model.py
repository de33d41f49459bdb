"""Logged models: what a run made and may be registered (MLflow 3's ``LoggedModel``)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from registry.enums import Lifecycle, LoggedModelStatus
from registry.fields import HexIdField

from .experiment import Experiment
from .run import TrainingRun


class LoggedModel(models.Model):
    """One model that was logged; its files are artifacts of its own."""

    model_id = HexIdField(unique=True, editable=False)
    experiment = models.ForeignKey(
        Experiment, on_delete=models.PROTECT, related_name="logged_models", db_index=False
    )
    source_run = models.ForeignKey(
        TrainingRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="logged_models"
    )
    name = models.CharField(max_length=500)
    model_type = models.CharField(max_length=500, blank=True)
    status = models.CharField(
        max_length=7, choices=LoggedModelStatus.choices, default=LoggedModelStatus.PENDING
    )
    status_message = models.CharField(max_length=1_000, blank=True)
    lifecycle = models.CharField(max_length=8, choices=Lifecycle.choices, default=Lifecycle.ACTIVE)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(name="logged_model_name_not_blank", condition=~Q(name="")),
            models.CheckConstraint(
                name="logged_model_status_known", condition=Q(status__in=LoggedModelStatus.values)
            ),
            models.CheckConstraint(
                name="logged_model_deleted_at_agrees_with_lifecycle",
                condition=Q(lifecycle=Lifecycle.ACTIVE, deleted_at__isnull=True)
                | Q(lifecycle__in=[Lifecycle.DELETED, Lifecycle.PURGING], deleted_at__isnull=False),
            ),
        ]
        indexes = [
            # models of an experiment, newest first
            models.Index(
                fields=["experiment", "lifecycle", "-created_at", "-id"], name="logged_model_by_experiment"
            ),
            # models by name
            models.Index(fields=["name", "-created_at"], name="logged_model_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.model_id[:8]})"


class LoggedModelParam(models.Model):
    """One immutable setting of a logged model."""

    model = models.ForeignKey(LoggedModel, on_delete=models.CASCADE, related_name="params", db_index=False)
    key = models.CharField(max_length=255)
    value = models.TextField(blank=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["model", "key"], name="logged_model_param_once"),
            models.CheckConstraint(name="logged_model_param_key_not_blank", condition=~Q(key="")),
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class LoggedModelMetric(models.Model):
    """One value that a logged model scored, in a run, and perhaps on a dataset."""

    model = models.ForeignKey(LoggedModel, on_delete=models.CASCADE, related_name="metrics", db_index=False)
    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="logged_model_metrics")
    key = models.CharField(max_length=250)
    value = models.FloatField()
    step = models.BigIntegerField()
    timestamp_ms = models.BigIntegerField()
    dataset_name = models.CharField(max_length=500, blank=True)
    dataset_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["key", "step", "timestamp_ms"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "run", "key", "dataset_name", "dataset_digest", "step", "timestamp_ms"],
                name="logged_model_metric_once",
            ),
        ]
        indexes = [
            # models filtered on, or ordered by, a metric
            models.Index(fields=["key", "value"], name="logged_model_metric_by_value"),
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class RunModel(models.Model):
    """A logged model that a run read, or made at some step."""

    class Role(models.TextChoices):
        INPUT = "input", "Input"
        OUTPUT = "output", "Output"

    run = models.ForeignKey(
        TrainingRun, on_delete=models.CASCADE, related_name="logged_model_links", db_index=False
    )
    model = models.ForeignKey(LoggedModel, on_delete=models.CASCADE, related_name="run_links")
    role = models.CharField(max_length=6, choices=Role.choices)
    step = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["step", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "model", "role"], name="run_model_once"),
            models.CheckConstraint(name="run_model_role_known", condition=Q(role__in=["input", "output"])),
        ]

    def __str__(self) -> str:
        return f"{self.model} is {self.role} of {self.run}"
