"""A run as training code holds it."""

import datetime as dt
import logging
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, SupportsFloat

from django.contrib.auth.models import User
from django.utils import timezone

from registry.enums import RunStatus
from registry.exceptions import BadInputError
from registry.models import Artifact, TrainingRun
from registry.services.artifacts import log_artifact
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.params import log_params
from registry.services.run_custom import set_run_custom
from registry.services.run_log import add_note, log_checkpoint, log_epoch
from registry.services.runs import end_run
from registry.services.tags import delete_run_tags, set_run_tags
from registry.signals import announce, run_beat

from .attribution import by_user

logger = logging.getLogger(__name__)


class ActiveRun:
    """Logs to one run; as a context manager it ends the run, as failed where the body raised."""

    def __init__(self, *, run: TrainingRun, user: User | None) -> None:
        self.run_id = run.run_id
        self.name = run.name
        self.user = user

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.end()
            return
        status = RunStatus.KILLED if isinstance(error, KeyboardInterrupt) else RunStatus.FAILED
        try:
            self.end(status=status, reason=f"{type(error).__name__}: {error}"[:10_000].replace("\x00", ""))
        except Exception:
            logger.exception("The run %s could not be marked as %s", self.run_id, status)

    @by_user
    def log_params(self, params: Mapping[str, Any]) -> None:
        """Log params, nested as they are; a param never changes."""
        log_params(run_id=self.run_id, params=params)

    def log_param(self, key: str, value: Any) -> None:
        """Log one param."""
        self.log_params({key: value})

    @by_user
    def log_metrics(
        self,
        metrics: Mapping[str, SupportsFloat],
        *,
        step: int | None = None,
        at: dt.datetime | None = None,
    ) -> None:
        """Log values of metrics, at a step where there are steps; ``at`` is now unless given."""
        at_ms = int((at or timezone.now()).timestamp() * 1_000)
        points = [MetricSample(key, _number(key, value), step or 0, at_ms) for key, value in metrics.items()]
        log_metrics(run_id=self.run_id, points=points)

    def log_metric(self, key: str, value: SupportsFloat, *, step: int | None = None) -> None:
        """Log one value of a metric."""
        self.log_metrics({key: value}, step=step)

    @by_user
    def log_epoch(
        self,
        epoch: int,
        metrics: Mapping[str, SupportsFloat],
        *,
        details: Mapping[str, Any] | None = None,
        at: dt.datetime | None = None,
    ) -> None:
        """Log an epoch: its metrics at this step, and a record of it; ``at`` is now unless given."""
        numbers = {key: _number(key, value) for key, value in metrics.items()}
        log_epoch(run_id=self.run_id, epoch=epoch, metrics=numbers, details=details, at=at)

    @by_user
    def heartbeat(self) -> None:
        """Say that this process is still at work, where an epoch takes longer than two minutes.

        Whatever is logged says so, too. Costs a round trip to Redis at most each five seconds.
        """
        announce(run_beat, run_id=self.run_id)

    @by_user
    def log_checkpoint(
        self, step: int, *, artifact_path: str = "", details: Mapping[str, Any] | None = None
    ) -> None:
        """Log that a checkpoint was taken."""
        log_checkpoint(run_id=self.run_id, step=step, artifact_path=artifact_path, details=details)

    @by_user
    def log_artifact(
        self, source: Path | str | BinaryIO, *, path: str = "", media_type: str = ""
    ) -> Artifact:
        """Store a file; its own name is its path unless another is given."""
        content = Path(source) if isinstance(source, str) else source
        if not path and not isinstance(content, Path):
            raise BadInputError("An open file has no name of its own; give the artifact a path.")
        name = path or (content.name if isinstance(content, Path) else "")
        return log_artifact(run_id=self.run_id, path=name, content=content, media_type=media_type)

    def log_artifacts(self, folder: Path | str, *, path: str = "") -> list[Artifact]:
        """Store every file below a folder."""
        root = Path(folder)
        files = sorted(each for each in root.rglob("*") if each.is_file())
        prefix = f"{path}/" if path else ""
        return [
            self.log_artifact(file, path=f"{prefix}{file.relative_to(root).as_posix()}") for file in files
        ]

    @by_user
    def log_bytes(self, data: bytes, *, path: str, media_type: str = "") -> Artifact:
        """Store bytes as a file."""
        return log_artifact(run_id=self.run_id, path=path, content=data, media_type=media_type)

    @by_user
    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set tags."""
        set_run_tags(run_id=self.run_id, tags=tags)

    @by_user
    def delete_tags(self, *keys: str) -> None:
        """Delete tags."""
        delete_run_tags(run_id=self.run_id, keys=keys)

    @by_user
    def set_custom(self, custom: Mapping[str, Any]) -> None:
        """Replace the free metadata, of any shape."""
        set_run_custom(run_id=self.run_id, custom=custom)

    @by_user
    def add_note(self, text: str, *, idempotency_key: str | None = None) -> None:
        """Add a note; the same key again adds nothing."""
        add_note(run_id=self.run_id, text=text, user=self.user, idempotency_key=idempotency_key)

    @by_user
    def end(self, *, status: str = RunStatus.FINISHED, reason: str = "") -> None:
        """End the run."""
        end_run(run_id=self.run_id, status=status, failure_reason=reason)


def _number(key: str, value: Any) -> float:
    """Python's, numpy's and frameworks' scalars as a float."""
    if isinstance(value, bool | str) or not hasattr(value, "__float__"):
        raise BadInputError(f"The metric {key!r} is {value!r}; it must be a number.")
    return float(value)
