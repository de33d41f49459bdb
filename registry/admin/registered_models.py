"""Registered models, their versions, aliases and deployments."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.enums import Environment, ModelStage
from registry.models import Deployment, DeploymentEvent, ModelAlias, ModelVersion, RegisteredModel
from registry.queries.model_permissions import require_deployment
from registry.queries.permissions import visible_by_owner
from registry.services.deployments import deploy
from registry.services.descriptions import describe_model

from .actions import move_to_production
from .base import HistoryAdmin, KeptAdmin, KeptInline, acting_user, chip, joined, link
from .changes import change_each


class AliasInline(KeptInline):
    model = ModelAlias
    fields = readonly_fields = ("alias", "version")


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


@admin.action(description="Move to the stage Production", permissions=["promote"])
def to_production(model_admin: Any, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
    """What was in production goes to the archive."""
    user, done = acting_user(request), f"moved to {ModelStage.PRODUCTION}"

    def change(version: ModelVersion) -> None:
        move_to_production(user, version)

    change_each(model_admin, request, versions.select_related("model"), change, done=done)


@admin.action(description="Deploy to production", permissions=["promote"])
def deploy_to_production(model_admin: Any, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
    """What was live is retired."""
    user = acting_user(request)

    def change(version: ModelVersion) -> None:
        asked: dict[str, Any] = {"model": version.model.name, "version": version.number}
        asked["environment"] = Environment.PRODUCTION
        require_deployment(user=user, **asked)
        deploy(**asked, user=user)

    change_each(model_admin, request, versions.select_related("model"), change, done="deployed")


@admin.register(ModelVersion)
class ModelVersionAdmin(HistoryAdmin):
    list_display = (
        "model", "number", "state", "status", "run", "logged_model", "artifact_path", "created_at", "links",
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

    @admin.display(description="see also")
    def links(self, version: ModelVersion) -> SafeString:
        places = [link("model", "analysis:registered-model", version.model.name)]
        if version.run:
            places.append(link("run", "analysis:run-detail", version.run.run_id))
        return joined(*places)

    @admin.display(description="stage")
    def state(self, version: ModelVersion) -> SafeString:
        return chip(version.stage, version.get_stage_display())


class EventInline(KeptInline):
    model = DeploymentEvent
    fields = readonly_fields = ("at", "status", "by", "note")


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
