"""Changing a registered model from its pages: each view checks who asks, calls one service and leads back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from analysis.model_addresses import model_address, version_address
from analysis.redirects import see_other
from analysis.viewer import viewer_of
from analysis.views import model_forms
from analysis.views.registered_model import model_answer
from registry.enums import DeploymentStatus, SagaState, SagaStepState
from registry.exceptions import (
    ArtifactError,
    BadInputError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RegistryError,
    StoreUnavailableError,
)
from registry.models import Deployment, Saga
from registry.queries.model_permissions import (
    require_alias_change,
    require_alias_removal,
    require_deployment,
    require_model_edit,
    require_stage_change,
    version_to_edit,
)
from registry.queries.registered_models import registered_model
from registry.services.deployments import PROMOTE, promote, retire
from registry.services.descriptions import describe_model
from registry.services.model_aliases import delete_alias, set_alias
from registry.services.model_versions import ACTIVE_STAGES, transition_stage

STATUSES: dict[type[RegistryError], int] = {
    BadInputError: 400,
    ForbiddenError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    ArtifactError: 409,
    StoreUnavailableError: 503,
}
Told = tuple[int, str]
"""The level of a message, and its text."""


@require_POST
def describe(request: HttpRequest, name: str) -> HttpResponse:
    """``POST /models/<name>/describe/``."""
    return _answer(request, name, model_forms.DescribeForm, _describe)


@require_POST
def alias(request: HttpRequest, name: str) -> HttpResponse:
    """``POST /models/<name>/alias/``: set it, or move it."""
    return _answer(request, name, model_forms.AliasForm, _set_alias)


@require_POST
def alias_removal(request: HttpRequest, name: str) -> HttpResponse:
    """``POST /models/<name>/alias/delete/``."""
    return _answer(request, name, model_forms.AliasRemovalForm, _delete_alias)


@require_POST
def promotion(request: HttpRequest, name: str) -> HttpResponse:
    """``POST /models/<name>/promote/``: begin the saga that switches an environment over."""
    return _answer(request, name, model_forms.PromoteForm, _promote)


@require_POST
def retirement(request: HttpRequest, name: str) -> HttpResponse:
    """``POST /models/<name>/retire/``: take a deployment out of service."""
    return _answer(request, name, model_forms.RetireForm, _retire)


@require_POST
def stage(request: HttpRequest, name: str) -> HttpResponse:
    """``POST /models/<name>/stage/``."""
    return _answer(request, name, model_forms.StageForm, _move)


def _answer(
    request: HttpRequest,
    name: str,
    form_type: type[forms.Form],
    change: Callable[[User, str, dict[str, Any]], Told],
) -> HttpResponse:
    """Back to the page with what was done, or the page with why nothing was."""
    form = form_type(request.POST)
    if not form.is_valid():
        told = [f"{field}: {error}" for field, errors in form.errors.items() for error in errors]
        return model_answer(request, name, problem="Nothing was changed. " + " ".join(told), status=400)
    try:
        if "\x00" in name:
            raise Http404
        level, text = change(viewer_of(request), registered_model(name).name, form.cleaned_data)
    except RegistryError as error:
        status = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), 400)
        return model_answer(request, name, problem=str(error), status=status)
    messages.add_message(request, level, text)
    number = form.cleaned_data["on_version"]
    return see_other(version_address(name, number) if number else model_address(name))


def _describe(user: User, name: str, asked: dict[str, Any]) -> Told:
    require_model_edit(user=user, model=name)
    describe_model(name=name, description=asked["description"])
    return messages.SUCCESS, "The description is changed."


def _set_alias(user: User, name: str, asked: dict[str, Any]) -> Told:
    which = {"model": name, "alias": asked["alias"], "version": asked["version"]}
    require_alias_change(user=user, **which)
    set_alias(**which, replaces=asked["replaces"])
    return messages.SUCCESS, f"{asked['alias']} points at version {asked['version']} now."


def _delete_alias(user: User, name: str, asked: dict[str, Any]) -> Told:
    require_alias_removal(user=user, model=name, alias=asked["alias"])
    if delete_alias(model=name, alias=asked["alias"]):
        return messages.SUCCESS, f"The alias {asked['alias']} is deleted."
    return messages.INFO, f"There is no alias {asked['alias']} any more."


def _promote(user: User, name: str, asked: dict[str, Any]) -> Told:
    where = {"model": name, "version": asked["version"], "environment": asked["environment"]}
    require_deployment(user=user, **where)
    saga = promote(
        **where, endpoint=asked["endpoint"], note=asked["note"], replaces=asked["replaces"], user=user
    )
    return _promoted(saga, asked["version"], asked["environment"])


def _promoted(saga: Saga | None, version: int, environment: str) -> Told:
    if saga is None:
        return messages.INFO, f"Version {version} is live in {environment} already; nothing was changed."
    if saga.state == SagaState.DONE:
        return messages.SUCCESS, f"Version {version} is live in {environment}."
    if saga.steps.filter(name=PROMOTE.pivot, state=SagaStepState.DONE).exists():
        return messages.WARNING, (
            f"Version {version} is live in {environment}. Redis has yet to be told; that goes on by itself."
        )
    return messages.WARNING, (
        f"The promotion of version {version} to {environment} has begun and goes on by itself."
    )


def _retire(user: User, name: str, asked: dict[str, Any]) -> Told:
    rows = Deployment.objects.filter(model__name=name, deployment_id=asked["deployment_id"])
    found = rows.select_related("version").first()
    if found is None:
        raise NotFoundError("There is no such deployment of this model.")
    version_to_edit(user=user, model=name, version=found.version.number)
    where = f"Version {found.version.number}"
    if found.status == DeploymentStatus.RETIRED:
        return messages.INFO, f"{where} was taken out of {found.environment} already."
    retire(deployment_id=found.deployment_id, note=asked["note"], user=user)
    return messages.SUCCESS, f"{where} is out of service; nothing answers in {found.environment} now."


def _move(user: User, name: str, asked: dict[str, Any]) -> Told:
    stage, number = asked["stage"], asked["version"]
    archives = asked["archives_others"] and stage in ACTIVE_STAGES
    require_stage_change(user=user, model=name, version=number, archived_stage=stage if archives else "")
    transition_stage(model=name, version=number, stage=stage, archives_others=archives)
    return messages.SUCCESS, f"Version {number} has the stage {stage} now."
