"""PostgreSQL: the system of record."""

from .api_token import ApiToken
from .artifact import Artifact, ArtifactOwner
from .audit import AuditEntry
from .body_part import BodyPart
from .dataset import Dataset, DatasetParent
from .deployment import Deployment, DeploymentEvent
from .document import EventDocument, ExperimentDocument, ModelConfigDocument, RunDocument
from .experiment import Experiment, ExperimentPermission
from .idempotency import IdempotencyKey
from .logged_model import LoggedModel, LoggedModelMetric, LoggedModelParam, RunModel
from .metric import Metric, MetricPoint
from .outbox import OutboxEntry
from .param import Param
from .reconcile import OrphanSighting, ReconcileReport
from .registered_model import ModelAlias, ModelVersion, RegisteredModel
from .run import RunInput, TrainingRun
from .saga import Saga, SagaStep
from .tag import ExperimentTag, LoggedModelTag, ModelVersionTag, RegisteredModelTag, RunTag

__all__ = [
    "ApiToken",
    "Artifact",
    "ArtifactOwner",
    "AuditEntry",
    "BodyPart",
    "Dataset",
    "DatasetParent",
    "Deployment",
    "DeploymentEvent",
    "EventDocument",
    "Experiment",
    "ExperimentDocument",
    "ExperimentPermission",
    "ExperimentTag",
    "IdempotencyKey",
    "LoggedModel",
    "LoggedModelMetric",
    "LoggedModelParam",
    "LoggedModelTag",
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
    "RunTag",
    "Saga",
    "SagaStep",
    "TrainingRun",
]
