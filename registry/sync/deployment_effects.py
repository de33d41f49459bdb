"""What Redis is owed when a deployment changes: which version answers where."""

from registry.enums import OutboxTarget
from registry.models import Deployment, OutboxEntry

from .outbox import deliver_after_commit

DEPLOYMENT_CHANGED = "deployment.changed"


def promise_deployment(deployment: Deployment) -> None:
    """Owe Redis a look at this model's environment, in the running transaction."""
    OutboxEntry.objects.create(
        target=OutboxTarget.REDIS,
        topic=DEPLOYMENT_CHANGED,
        aggregate_id=deployment.deployment_id,
        aggregate_version=1,
    )
    deliver_after_commit(deployment.deployment_id)
