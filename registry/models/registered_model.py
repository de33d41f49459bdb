"""The model registry: names, versions, aliases."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from registry.enums import ModelStage, ModelVersionStatus

from .logged_model import LoggedModel
from .run import TrainingRun


class RegisteredModel(models.Model):
    """A name under which versions of a model are kept."""

    name = models.CharField(max_length=255, unique=True)
    last_number = models.PositiveIntegerField(default=0, help_text="Of its versions, deleted ones too")
    description = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="registered_model_name_not_blank", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class ModelVersion(models.Model):
    """One version of a registered model: files of a run, or a logged model."""

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.CASCADE, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField()
    run = models.ForeignKey(
        TrainingRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="model_versions"
    )
    logged_model = models.ForeignKey(
        LoggedModel, on_delete=models.SET_NULL, null=True, blank=True, related_name="versions"
    )
    artifact_path = models.CharField(max_length=500, blank=True, help_text="Path inside the run or model")
    source = models.CharField(max_length=1_000, blank=True)
    run_link = models.CharField(max_length=500, blank=True)
    description = models.TextField(blank=True)
    stage = models.CharField(max_length=10, choices=ModelStage.choices, default=ModelStage.NONE)
    status = models.CharField(
        max_length=20, choices=ModelVersionStatus.choices, default=ModelVersionStatus.READY
    )
    status_message = models.CharField(max_length=1_000, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["model__name", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="model_version_number_once"),
            models.CheckConstraint(name="model_version_number_from_1", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="model_version_stage_known", condition=Q(stage__in=ModelStage.values)
            ),
            models.CheckConstraint(
                name="model_version_status_known", condition=Q(status__in=ModelVersionStatus.values)
            ),
        ]
        indexes = [
            # versions of a model in a stage
            models.Index(fields=["model", "stage", "-number"], name="model_version_by_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.model} v{self.number}"


class ModelAlias(models.Model):
    """A movable name of one version, such as ``champion``."""

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.CASCADE, related_name="aliases", db_index=False
    )
    alias = models.CharField(max_length=255)
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="aliases")

    class Meta:
        ordering = ["alias"]
        verbose_name_plural = "model aliases"
        constraints = [
            models.UniqueConstraint(fields=["model", "alias"], name="model_alias_once"),
            models.CheckConstraint(name="model_alias_not_blank", condition=~Q(alias="")),
        ]

    def __str__(self) -> str:
        return f"{self.model}@{self.alias}"
