"""The fixed vocabularies of the record."""

from django.db.models import IntegerChoices, TextChoices


class RunStatus(TextChoices):
    """How a run stands, in MLflow's words."""

    SCHEDULED = "SCHEDULED", "Scheduled"
    RUNNING = "RUNNING", "Running"
    FINISHED = "FINISHED", "Finished"
    FAILED = "FAILED", "Failed"
    KILLED = "KILLED", "Killed"


OPEN_STATUSES = (RunStatus.SCHEDULED, RunStatus.RUNNING)
ENDED_STATUSES = (RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED)


class Lifecycle(TextChoices):
    """Whether a thing is in use or in the bin."""

    ACTIVE = "active", "Active"
    DELETED = "deleted", "Deleted"
    PURGING = "purging", "Being purged"


class ModelStage(TextChoices):
    """MLflow's stages of a model version."""

    NONE = "None", "None"
    STAGING = "Staging", "Staging"
    PRODUCTION = "Production", "Production"
    ARCHIVED = "Archived", "Archived"


class ModelVersionStatus(TextChoices):
    """Whether a model version can be used."""

    PENDING = "PENDING_REGISTRATION", "Pending registration"
    READY = "READY", "Ready"
    FAILED = "FAILED_REGISTRATION", "Failed registration"


class LoggedModelStatus(TextChoices):
    """Whether a logged model can be used."""

    PENDING = "PENDING", "Pending"
    READY = "READY", "Ready"
    FAILED = "FAILED", "Failed"


class Environment(TextChoices):
    """Where a deployment runs."""

    DEVELOPMENT = "development", "Development"
    STAGING = "staging", "Staging"
    PRODUCTION = "production", "Production"


class DeploymentStatus(TextChoices):
    """How a deployment stands."""

    REQUESTED = "requested", "Requested"
    LIVE = "live", "Live"
    RETIRED = "retired", "Retired"
    FAILED = "failed", "Failed"


class OutboxTarget(IntegerChoices):
    """The store (or broker) that an outbox row is for."""

    MONGODB = 1, "MongoDB"
    REDIS = 2, "Redis"
    CELERY = 3, "Celery"
    ARTIFACTS = 4, "Artifact store"


class OutboxStatus(IntegerChoices):
    """Due rows are applied and deleted; parked rows wait for a person."""

    DUE = 0, "Due"
    PARKED = 2, "Parked"


class SagaState(TextChoices):
    """How an operation of several steps stands."""

    RUNNING = "running", "Running"
    COMPENSATING = "compensating", "Compensating"
    DONE = "done", "Done"
    COMPENSATED = "compensated", "Compensated"
    STUCK = "stuck", "Stuck"


class SagaStepState(TextChoices):
    """How one step stands."""

    PENDING = "pending", "Pending"
    DONE = "done", "Done"
    COMPENSATED = "compensated", "Compensated"
    FAILED = "failed", "Failed"


class TokenScope(TextChoices):
    """What an API token may do."""

    READ = "read", "Read"
    WRITE = "write", "Write"
    ADMIN = "admin", "Administer"
