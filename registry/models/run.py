"""Training runs: the heart of the record."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from registry.enums import ENDED_STATUSES, Lifecycle, RunStatus
from registry.fields import HexIdField

from .dataset import Dataset
from .experiment import Experiment


class RunQuerySet(models.QuerySet["TrainingRun"]):
    """Adjectives and prepositions for runs."""

    def active(self) -> Self:
        """Runs that are not in the bin."""
        return self.filter(lifecycle=Lifecycle.ACTIVE)

    def finished(self) -> Self:
        """Runs that ended well."""
        return self.filter(status=RunStatus.FINISHED)

    def in_experiment(self, name: str) -> Self:
        """Runs of the experiment with this name."""
        return self.filter(experiment__name=name)

    def on_dataset(self, name: str) -> Self:
        """Runs trained on the dataset with this name."""
        return self.filter(dataset__name=name)

    def reading(self, dataset: Dataset) -> Self:
        """Runs trained on this dataset, or with it among their other inputs."""
        return self.filter(Q(dataset=dataset) | Q(pk__in=dataset.inputs.values("run")))


class TrainingRun(models.Model):
    """One training of one model; ``accuracy`` and ``loss`` repeat the latest metrics of that name."""

    run_id = HexIdField(unique=True, editable=False)
    experiment = models.ForeignKey(
        Experiment, on_delete=models.PROTECT, related_name="runs", db_index=False
    )  # run_by_experiment begins with it
    dataset = models.ForeignKey(
        Dataset, on_delete=models.PROTECT, null=True, blank=True, related_name="runs", db_index=False
    )  # run_by_dataset_accuracy begins with it
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children"
    )
    name = models.CharField(max_length=255)
    model_name = models.CharField(max_length=255, blank=True)
    framework = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=9, choices=RunStatus.choices, default=RunStatus.RUNNING)
    lifecycle = models.CharField(max_length=8, choices=Lifecycle.choices, default=Lifecycle.ACTIVE)
    accuracy = models.FloatField(null=True, blank=True, help_text="0 to 1")
    loss = models.FloatField(null=True, blank=True)
    duration_seconds = models.FloatField(null=True, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    failure_reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    body_version = models.PositiveIntegerField(default=0, help_text="Last version seen in MongoDB")
    body_bytes = models.PositiveIntegerField(default=0, help_text="Size of the params in MongoDB")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(name="run_name_not_blank", condition=~Q(name="")),
            models.CheckConstraint(name="run_status_known", condition=Q(status__in=RunStatus.values)),
            models.CheckConstraint(
                name="run_accuracy_between_0_and_1",
                condition=Q(accuracy__isnull=True) | Q(accuracy__gte=0, accuracy__lte=1),
            ),
            models.CheckConstraint(
                name="run_duration_not_negative",
                condition=Q(duration_seconds__isnull=True) | Q(duration_seconds__gte=0),
            ),
            models.CheckConstraint(
                name="run_ended_at_agrees_with_status",
                condition=Q(status__in=ENDED_STATUSES, ended_at__isnull=False)
                | (~Q(status__in=ENDED_STATUSES) & Q(ended_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="run_ends_after_it_starts",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
            ),
            models.CheckConstraint(
                name="run_deleted_at_agrees_with_lifecycle",
                condition=Q(lifecycle=Lifecycle.ACTIVE, deleted_at__isnull=True)
                | Q(lifecycle__in=[Lifecycle.DELETED, Lifecycle.PURGING], deleted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="run_body_version_not_ahead", condition=Q(body_version__lte=F("version"))
            ),
        ]
        indexes = [
            # the runs table, newest first, and its keyset paging
            models.Index(fields=["lifecycle", "-started_at", "-id"], name="run_by_start"),
            # runs of an experiment, newest first
            models.Index(fields=["experiment", "lifecycle", "-started_at", "-id"], name="run_by_experiment"),
            # the best runs of an experiment (without it, 12 s for three poor runs among a million)
            models.Index(
                F("experiment"),
                F("accuracy").desc(nulls_last=True),
                F("id").desc(),
                name="run_by_experiment_accuracy",
            ),
            # runs of a dataset, newest first; the experiment says who may know of them
            models.Index(
                fields=["dataset", "lifecycle", "-started_at", "-id"],
                include=["experiment"],
                name="run_by_dataset",
            ),
            # runs of a dataset, and the best run per dataset
            models.Index(fields=["dataset", "-accuracy"], name="run_by_dataset_accuracy"),
            # top runs by accuracy
            models.Index(F("accuracy").desc(nulls_last=True), F("id").desc(), name="run_by_accuracy"),
            # filter by status
            models.Index(fields=["status", "-started_at"], name="run_by_status"),
            # filter by framework, and framework comparison
            models.Index(fields=["framework", "-started_at"], name="run_by_framework"),
            # filter by model name
            models.Index(fields=["model_name", "-started_at"], name="run_by_model_name"),
            # free text on names in the admin and the runs table
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="run_name_trigrams"),
            # the same for model names: without it, a search of both can use neither
            GinIndex(OpClass(Upper("model_name"), name="gin_trgm_ops"), name="run_model_name_trigrams"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.run_id[:8]})"

    @property
    def is_ended(self) -> bool:
        """Whether the run has finished, failed or been killed."""
        return self.status in ENDED_STATUSES


class RunInput(models.Model):
    """A dataset that a run read, beside its main one (MLflow's dataset inputs)."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="inputs", db_index=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="inputs")
    context = models.CharField(max_length=255, blank=True, help_text="training, validation, …")
    tags = models.JSONField(default=list, blank=True, help_text='[{"key": …, "value": …}]')

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "dataset", "context"], name="run_input_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run} reads {self.dataset}"
