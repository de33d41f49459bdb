"""Where a model answers: each environment with its live version, and what may be done there."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Replace

from analysis.queries.model_registry.promotions import Promotion
from registry.enums import DeploymentStatus, Environment
from registry.models import Deployment, ModelVersion, OutboxEntry, RegisteredModel
from registry.queries.model_permissions import editable_versions
from registry.queries.permissions import visible_by_owner
from registry.sync.deployment_effects import DEPLOYMENT_CHANGED

Status = DeploymentStatus
NOTHING: Mapping[Any, Any] = {}


@dataclass(frozen=True, slots=True)
class Live:
    """The version that answers in an environment.

    Attributes:
        run: Primary key of its run.
    """

    deployment_id: str
    version: int
    run: int | None
    run_id: str
    endpoint: str
    since: dt.datetime
    by: str
    is_visible: bool
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Place:
    """An environment.

    Attributes:
        previous: The version that was live before this one; None where that is not known.
        score: What the live version scored by the metric that the page is about.
        promotion: The one that is under way here.
        is_requested: Whether a promotion is under way, also one that this page may not show.
        is_waiting: Whether Redis has yet to be told of the last change.
    """

    environment: str
    live: Live | None
    previous: int | None
    score: float | None
    promotion: Promotion | None
    is_requested: bool
    is_waiting: bool

    @property
    def is_open(self) -> bool:
        """Whether the viewer may put another version here now."""
        is_busy = self.is_requested or (self.promotion is not None and not self.promotion.is_switched)
        return not is_busy and (self.live is None or self.live.may_edit)


def places(
    model: RegisteredModel,
    *,
    viewer: User,
    under_way: Sequence[Promotion],
    previous: Mapping[str, int] = NOTHING,
    scores: Mapping[int, float] = NOTHING,
) -> list[Place]:
    """Every environment, production first (one statement)."""
    rows = list(_deployments(model, viewer))
    found = []
    for environment in reversed(Environment.values):
        here = [each for each in rows if each.environment == environment]
        live = next((each for each in here if each.status == Status.LIVE), None)
        found.append(
            Place(
                environment=environment,
                live=_live(live) if live else None,
                previous=previous.get(environment),
                score=scores.get(live.version.number) if live else None,
                promotion=next((each for each in under_way if each.environment == environment), None),
                is_requested=any(each.status == Status.REQUESTED for each in here),
                is_waiting=any(each.is_waiting for each in here),
            )
        )
    return found


def _deployments(model: RegisteredModel, viewer: User) -> Any:
    """Those that are live, asked for, or not yet told to Redis."""
    hex_id = Replace(Cast(OuterRef("deployment_id"), TextField()), Value("-"), Value(""))
    owed = OutboxEntry.objects.filter(topic=DEPLOYMENT_CHANGED, aggregate_id=hex_id)
    versions = ModelVersion.objects.filter(pk=OuterRef("version"))
    return (
        Deployment.objects.filter(model=model)
        .annotate(is_waiting=Exists(owed))
        .filter(Q(status__in=[Status.LIVE, Status.REQUESTED]) | Q(is_waiting=True))
        .annotate(
            is_visible=Exists(versions.filter(visible_by_owner(viewer))),
            may_edit=Exists(versions.filter(editable_versions(viewer))),
        )
        .select_related("version__run", "created_by")
    )


def _live(deployment: Any) -> Live:
    version = deployment.version
    return Live(
        deployment_id=deployment.deployment_id,
        version=version.number,
        run=version.run_id,
        run_id=version.run.run_id if version.run else "",
        endpoint=deployment.endpoint,
        since=deployment.updated_at,
        by=deployment.created_by.get_username() if deployment.created_by else "",
        is_visible=deployment.is_visible,
        may_edit=deployment.may_edit,
    )
