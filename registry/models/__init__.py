"""PostgreSQL: the system of record."""

from .api_token import ApiToken
from .archive import Archive, ArchivedRun
from .artifact import Artifact, ArtifactOwner
from .audit import AuditEntry
from .backfill import Backfill
from .body_part import BodyPart
from .dataset import Dataset, DatasetParent
from .deployment import Deployment, DeploymentEvent
from .document import CustomerDocument, EventDocument, ExperimentDocument, ModelConfigDocument, RunDocument
from .dual_write import Divergence, DualWrite, DualWriteQuery
from .experiment import Experiment, ExperimentPermission
from .idempotency import IdempotencyKey
from .imports import Import, ImportedItem
from .logged_model import LoggedModel, LoggedModelMetric, LoggedModelParam, RunModel
from .message import Delivery, Message
from .metric import Metric, MetricPoint
from .outbox import OutboxEntry
from .param import Param
from .reconcile import OrphanSighting, ReconcileReport
from .registered_model import ModelAlias, ModelVersion, RegisteredModel
from .run import RunInput, TrainingRun
from .run_note import RunNote
from .saga import Saga, SagaStep
from .saved_view import SavedView
from .tag import ExperimentTag, LoggedModelTag, ModelVersionTag, RegisteredModelTag, RunTag

__all__ = [
    "ApiToken",
    "Archive",
    "ArchivedRun",
    "Artifact",
    "ArtifactOwner",
    "AuditEntry",
    "Backfill",
    "BodyPart",
    "CustomerDocument",
    "Dataset",
    "DatasetParent",
    "Delivery",
    "Deployment",
    "DeploymentEvent",
    "Divergence",
    "DualWrite",
    "DualWriteQuery",
    "EventDocument",
    "Experiment",
    "ExperimentDocument",
    "ExperimentPermission",
    "ExperimentTag",
    "IdempotencyKey",
    "Import",
    "ImportedItem",
    "LoggedModel",
    "LoggedModelMetric",
    "LoggedModelParam",
    "LoggedModelTag",
    "Message",
    "Metric",
    "MetricPoint",
    "ModelAlias",
    "ModelConfigDocument",
    "ModelVersion",
    "ModelVersionTag",
    "OrphanSighting",
    "OutboxEntry",
    "Param",
    "ReconcileReport",
    "RegisteredModel",
    "RegisteredModelTag",
    "RunDocument",
    "RunInput",
    "RunModel",
    "RunNote",
    "RunTag",
    "Saga",
    "SagaStep",
    "SavedView",
    "TrainingRun",
]
