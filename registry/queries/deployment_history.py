"""What was deployed where, and when."""

import datetime as dt
from dataclasses import dataclass

from registry.models import DeploymentEvent


@dataclass(frozen=True)
class DeploymentStep:
    """One step in the life of a deployment."""

    model: str
    version: int
    environment: str
    endpoint: str
    status: str
    note: str
    by: str | None
    at: dt.datetime


def deployment_history(*, model: str, environment: str = "", limit: int = 100) -> list[DeploymentStep]:
    """The steps of a model's deployments, newest first (one statement)."""
    events = DeploymentEvent.objects.filter(deployment__model__name=model)
    if environment:
        events = events.filter(deployment__environment=environment)
    fields = (
        "deployment__model__name", "deployment__version__number", "deployment__environment",
        "deployment__endpoint", "status", "note", "by__username", "at",
    )  # fmt: skip
    return [DeploymentStep(*row) for row in events.order_by("-at", "-id").values_list(*fields)[:limit]]
