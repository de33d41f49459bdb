"""Which version answers where, by PostgreSQL."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max

from features.online.deployments import LiveDeployment
from registry.enums import DeploymentStatus
from registry.models import Deployment, DeploymentEvent


@dataclass(frozen=True)
class Deployed:
    """A live deployment of a version: where, since when, and by whom (empty where nobody is named)."""

    deployment_id: str
    environment: str
    since: dt.datetime
    by: str


def deployed_version(model: str, number: int, environment: str) -> Deployed | None:
    """The live deployment of a version there, anywhere for an empty environment (one statement)."""
    rows = Deployment.objects.filter(model__name=model, version__number=number, status=DeploymentStatus.LIVE)
    found = (
        (rows.filter(environment=environment) if environment else rows).select_related("created_by").first()
    )
    if found is None:
        return None
    by = found.created_by.get_username() if found.created_by else ""
    return Deployed(found.deployment_id, found.environment, found.updated_at, by)


def live_deployments(deployment_ids: Sequence[str]) -> list[LiveDeployment]:
    """What is live now where these deployments are or were (two statements a place)."""
    places = Deployment.objects.filter(deployment_id__in=list(deployment_ids)).order_by()
    return [live_deployment(*place) for place in places.values_list("model__name", "environment").distinct()]


def live_deployment(model: str, environment: str) -> LiveDeployment:
    """What is live for a model in an environment now (two statements)."""
    here = Deployment.objects.filter(model__name=model, environment=environment)
    events = DeploymentEvent.objects.filter(deployment__in=here)
    last = events.aggregate(last=Max("id"))["last"] or 0
    found = here.filter(status=DeploymentStatus.LIVE).select_related("version").first()
    if found is None:
        return LiveDeployment(model, environment, last)
    return LiveDeployment(model, environment, last, found.version.number, found.endpoint)
