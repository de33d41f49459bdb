"""What Redis is owed when a deployment changes: which version answers where."""

from registry.enums import OutboxTarget
from registry.models import Deployment

from .outbox import Debt, owe

DEPLOYMENT_CHANGED = "deployment.changed"


def promise_deployment(deployment: Deployment) -> None:
    """Owe Redis a look at this model's environment, in the running transaction."""
    owe([Debt(OutboxTarget.REDIS, DEPLOYMENT_CHANGED, deployment.deployment_id, version=1)])
