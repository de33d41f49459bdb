"""MongoDB: bodies of any shape."""

from .event import EventBucket
from .experiment import ExperimentBody
from .model_config import ModelConfig
from .run import RunBody, RunLogBucket

__all__ = ["EventBucket", "ExperimentBody", "ModelConfig", "RunBody", "RunLogBucket"]
