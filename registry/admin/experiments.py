"""Experiments."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.models import Experiment, ExperimentPermission
from registry.services.descriptions import describe_experiment
from registry.services.permissions import grant_permission, revoke_permission

from . import experiment_actions
from .base import KeptAdmin, acting_user, chip, joined, link
from .experiment_permissions import PermissionInline, has_level, moved, refusals_told

Level = ExperimentPermission.Level


@admin.register(Experiment)
class ExperimentAdmin(KeptAdmin):
    experiment_path = "pk"
    inlines = (PermissionInline,)
    list_display = ("name", "state", "created_by", "created_at", "places")
    list_filter = ("lifecycle",)
    actions = (experiment_actions.compare_best, experiment_actions.archive, experiment_actions.restore)
    list_select_related = ("created_by",)
    search_fields = ("name",)
    fields = (
        "experiment_id", "name", "state", "description", "created_by", "created_at", "version",
        "body_version", "places",
    )  # fmt: skip
    readonly_fields = tuple(name for name in fields if name != "description")

    def has_archive_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("registry.change_experiment")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or has_level(request, Level.EDIT, obj))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Only the description can be changed, and MongoDB has it, too."""
        describe_experiment(experiment_id=obj.experiment_id, description=obj.description)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001
        """Levels are given and taken by the services, which check and record it."""
        formset.save(commit=False)
        experiment, by = form.instance, acting_user(request)
        with refusals_told():
            gone = [each.user for each in formset.deleted_objects]
            gone += [User.objects.get(pk=each.initial["user"]) for each in moved(formset)]
            for user in gone:
                revoke_permission(experiment=experiment, user=user, by=by)
            for each in [*formset.new_objects, *(row for row, _ in formset.changed_objects)]:
                grant_permission(experiment=experiment, user=each.user, level=each.level, by=by)

    @admin.display(description="lifecycle")
    def state(self, experiment: Experiment) -> SafeString:
        return chip(experiment.lifecycle, experiment.get_lifecycle_display())

    @admin.display(description="see also")
    def places(self, experiment: Experiment) -> SafeString:
        query = f"?experiment__id__exact={experiment.pk}"
        return joined(
            link("page", "analysis:experiment-detail", experiment.experiment_id),
            link("runs", "admin:registry_trainingrun_changelist", query=query),
            link("body", "admin:registry_experimentdocument_change", experiment.experiment_id),
        )
