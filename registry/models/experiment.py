"""Experiments: what runs are gathered under."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from registry.enums import Lifecycle
from registry.fields import new_hex_id


class Experiment(models.Model):
    """A named group of runs."""

    experiment_id = models.CharField(max_length=32, unique=True, default=new_hex_id, editable=False)
    name = models.CharField(max_length=255, unique=True)
    description = models.TextField(blank=True)
    lifecycle = models.CharField(max_length=8, choices=Lifecycle.choices, default=Lifecycle.ACTIVE)
    artifact_location = models.CharField(max_length=1_000, blank=True)
    version = models.PositiveIntegerField(default=1)
    body_version = models.PositiveIntegerField(default=0, help_text="Last version seen in MongoDB")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="experiment_name_not_blank", condition=~Q(name="")),
            models.CheckConstraint(
                name="experiment_lifecycle_known", condition=Q(lifecycle__in=Lifecycle.values)
            ),
            models.CheckConstraint(
                name="experiment_deleted_at_agrees_with_lifecycle",
                condition=Q(lifecycle=Lifecycle.ACTIVE, deleted_at__isnull=True)
                | Q(lifecycle__in=[Lifecycle.DELETED, Lifecycle.PURGING], deleted_at__isnull=False),
            ),
        ]
        indexes = [
            # list of experiments, newest first, by lifecycle
            models.Index(fields=["lifecycle", "-created_at"], name="experiment_by_age"),
        ]

    def __str__(self) -> str:
        return self.name


class ExperimentPermission(models.Model):
    """What a user may do in an experiment."""

    class Level(models.TextChoices):
        READ = "READ", "Read"
        EDIT = "EDIT", "Edit"
        MANAGE = "MANAGE", "Manage"
        NONE = "NO_PERMISSIONS", "None"

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="permissions", db_index=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    level = models.CharField(max_length=16, choices=Level.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "user"], name="experiment_permission_once_per_user"
            ),
            models.CheckConstraint(
                name="experiment_permission_level_known",
                condition=Q(level__in=["READ", "EDIT", "MANAGE", "NO_PERMISSIONS"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.level} in {self.experiment}"
