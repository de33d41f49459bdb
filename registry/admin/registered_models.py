"""Registered models, their versions, aliases and deployments."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.enums import Environment, ModelStage
from registry.exceptions import RegistryError
from registry.models import Deployment, DeploymentEvent, ModelAlias, ModelVersion, RegisteredModel
from registry.queries.model_permissions import require_version_edit
from registry.queries.permissions import visible_by_owner
from registry.services.deployments import deploy
from registry.services.descriptions import describe_model
from registry.services.model_versions import transition_stage

from .base import HistoryAdmin, KeptAdmin, TabularInline, acting_user, chip


class AliasInline(TabularInline):
    model = ModelAlias
    extra = 0
    can_delete = False
    fields = readonly_fields = ("alias", "version")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RegisteredModel)
class RegisteredModelAdmin(KeptAdmin):
    list_display = ("name", "description", "created_by", "created_at", "updated_at")
    list_select_related = ("created_by",)
    search_fields = ("name",)
    fields = ("name", "description", "created_by", "created_at", "updated_at")
    readonly_fields = ("name", "created_by", "created_at", "updated_at")
    inlines = (AliasInline,)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        describe_model(name=obj.name, description=obj.description)


def _each(model_admin: Any, request: HttpRequest, versions: QuerySet[ModelVersion], change: Any) -> None:
    done, user = 0, acting_user(request)
    for version in versions.select_related("model", "run__experiment", "logged_model__experiment"):
        try:
            require_version_edit(user, version)
            change(version)
            done += 1
        except RegistryError as error:
            model_admin.message_user(request, str(error), messages.ERROR)
    model_admin.message_user(request, f"{done} versions changed.")


@admin.action(description="Move to the stage Production", permissions=["promote"])
def to_production(model_admin: Any, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
    """What was in production goes to the archive."""
    _each(
        model_admin, request, versions,
        lambda each: transition_stage(
            model=each.model.name, version=each.number, stage=ModelStage.PRODUCTION
        ),
    )  # fmt: skip


@admin.action(description="Deploy to production", permissions=["promote"])
def deploy_to_production(model_admin: Any, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
    """What was live is retired."""
    _each(
        model_admin, request, versions,
        lambda each: deploy(
            model=each.model.name, version=each.number, user=acting_user(request),
            environment=Environment.PRODUCTION,
        ),
    )  # fmt: skip


@admin.register(ModelVersion)
class ModelVersionAdmin(HistoryAdmin):
    list_display = (
        "model", "number", "state", "status", "run", "logged_model", "artifact_path", "created_at",
    )  # fmt: skip
    list_filter = ("stage", "status")
    list_select_related = ("model", "run", "logged_model")
    search_fields = ("model__name__exact",)
    search_help_text = "A model's whole name"
    actions = (to_production, deploy_to_production)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelVersion]:
        return super().get_queryset(request).filter(visible_by_owner(acting_user(request)))

    def has_promote_permission(self, request: HttpRequest) -> bool:
        """Promoting is changing, though the form is read-only."""
        return request.user.has_perm("registry.change_modelversion")

    @admin.display(description="stage")
    def state(self, version: ModelVersion) -> SafeString:
        return chip(version.stage, version.get_stage_display())


class EventInline(TabularInline):
    model = DeploymentEvent
    extra = 0
    can_delete = False
    fields = readonly_fields = ("at", "status", "by", "note")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Deployment)
class DeploymentAdmin(HistoryAdmin):
    list_display = ("model", "version", "environment", "state", "endpoint", "created_by", "created_at")
    list_filter = ("environment", "status")
    list_select_related = ("model", "version__model", "created_by")
    search_fields = ("model__name__exact",)
    search_help_text = "A model's whole name"
    inlines = (EventInline,)

    @admin.display(description="status")
    def state(self, deployment: Deployment) -> SafeString:
        return chip(deployment.status, deployment.get_status_display())
