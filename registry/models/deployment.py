"""Deployments: which model version answers where."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from registry.enums import DeploymentStatus, Environment
from registry.fields import HexIdField

from .registered_model import ModelVersion, RegisteredModel


class Deployment(models.Model):
    """A model version in an environment; at most one per model and environment is live."""

    deployment_id = HexIdField(unique=True, editable=False)
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, related_name="deployments", db_index=False
    )
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="deployments")
    environment = models.CharField(max_length=11, choices=Environment.choices)
    endpoint = models.CharField(max_length=500, blank=True)
    status = models.CharField(
        max_length=9, choices=DeploymentStatus.choices, default=DeploymentStatus.REQUESTED
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "environment"],
                condition=Q(status=DeploymentStatus.LIVE),
                name="deployment_one_live_per_environment",
            ),
            models.CheckConstraint(
                name="deployment_environment_known",
                condition=Q(environment__in=Environment.values),
            ),
            models.CheckConstraint(
                name="deployment_status_known", condition=Q(status__in=DeploymentStatus.values)
            ),
        ]
        indexes = [
            # history of a model's deployments in an environment
            models.Index(fields=["model", "environment", "-created_at"], name="deployment_history"),
        ]

    def __str__(self) -> str:
        return f"{self.version} in {self.environment}"


class DeploymentEvent(models.Model):
    """One step in a deployment's history."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="events")
    status = models.CharField(max_length=9, choices=DeploymentStatus.choices)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                name="deployment_event_status_known",
                condition=Q(status__in=DeploymentStatus.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deployment}: {self.status}"
