"""Logging epochs from training loops that take callbacks."""

from collections.abc import Mapping
from typing import Any

from .active_run import ActiveRun


class EpochCallback:
    """Logs every epoch; has Keras's hooks and can be called after each epoch of any other loop.

    Args:
        run: the run to log to.
        every: log each n-th epoch (the last one is always logged by Keras's ``on_train_end``).
    """

    def __init__(self, run: ActiveRun, *, every: int = 1) -> None:
        self.run = run
        self.every = every
        self._unlogged: tuple[int, dict[str, float]] | None = None

    def __call__(self, epoch: int, **metrics: float) -> None:
        """Log an epoch: ``callback(3, loss=0.2, val_accuracy=0.9)``."""
        self.on_epoch_end(epoch, metrics)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Keras's hook after an epoch."""
        metrics = dict(logs or {})
        if epoch % self.every:
            self._unlogged = (epoch, metrics)
            return
        self._unlogged = None
        self.run.log_epoch(epoch, metrics)

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras's hook after the training."""
        if self._unlogged:
            self.run.log_epoch(*self._unlogged)
            self._unlogged = None

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Keras's hook with the training's settings, which are logged as params."""
        self.run.log_params({"training": dict(params)})

    def set_model(self, model: Any) -> None:
        """Keras's hook with the model; nothing to do."""
