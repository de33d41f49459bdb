"""The Python tracker, in-process: ``from registry.tracking import Tracker``."""

from .active_run import ActiveRun
from .callbacks import EpochCallback
from .tracker import Tracker

__all__ = ["ActiveRun", "EpochCallback", "Tracker"]
