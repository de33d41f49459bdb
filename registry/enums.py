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
    CELERY = 3, "Message broker"
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


class DualWriteState(TextChoices):
    """How far data has moved from an old store to a new one (docs/dual-write.md)."""

    OFF = "off", "Off"
    SHADOW = "shadow", "Shadow"
    VERIFY = "verify", "Verify"
    READ_NEW = "read-new", "Read from the new"
    DONE = "done", "Done"


class DivergenceKind(TextChoices):
    """In what way two stores differ about a record."""

    ONLY_OLD = "only_old", "Only the old has it"
    ONLY_NEW = "only_new", "Only the new has it"
    DIFFERING = "differing", "Both have it, not alike"
    REFUSED = "refused", "The second store refused the write"


class ImportState(TextChoices):
    """How an import stands."""

    RUNNING = "running", "Running"
    DONE = "done", "Done"
    UNDOING = "undoing", "Being taken back"
    UNDONE = "undone", "Taken back"


class ImportedKind(TextChoices):
    """What an imported thing is."""

    EXPERIMENT = "experiment", "Experiment"
    DATASET = "dataset", "Dataset"
    RUN = "run", "Run"
    LOGGED_MODEL = "logged_model", "Logged model"
    REGISTERED_MODEL = "registered_model", "Registered model"


class ArchiveKind(TextChoices):
    """What an archive holds."""

    METRICS = "metrics", "Metric points"
    EVENTS = "events", "Events"


class ArchiveState(TextChoices):
    """How an archive stands: only a taken one's rows are nowhere but in its file."""

    WRITING = "writing", "Being written"
    WRITTEN = "written", "Written, not taken"
    TAKEN = "taken", "Archived"
    RESTORED = "restored", "Restored"


class DeliveryState(TextChoices):
    """How far a message has come in one of its queues (docs/messaging.md)."""

    WAITING = "waiting", "Waiting to be published"
    PUBLISHED = "published", "In its queue"
    DONE = "done", "Done"
    DEAD = "dead", "Dead letter"
    DROPPED = "dropped", "Dropped by a person"


OPEN_DELIVERIES = (DeliveryState.WAITING, DeliveryState.PUBLISHED)
