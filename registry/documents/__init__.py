"""MongoDB: bodies of any shape."""

from .event import Event
from .experiment import ExperimentBody
from .model_config import ModelConfig
from .run import RunBody, RunLogBucket

__all__ = ["Event", "ExperimentBody", "ModelConfig", "RunBody", "RunLogBucket"]
