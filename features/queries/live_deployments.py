"""Which version answers where, by PostgreSQL."""

from collections.abc import Sequence

from django.db.models import Max

from features.online.deployments import LiveDeployment
from registry.enums import DeploymentStatus
from registry.models import Deployment, DeploymentEvent


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
