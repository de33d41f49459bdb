"""What a child of the zygote may be told to do: the platform's own services, by name."""

import contextlib
from typing import Any

from features.online import leaderboards
from features.queries.standings import standings_of
from registry.services.datasets import create_dataset
from registry.services.experiments import create_experiment
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.run_changes import change_run
from registry.services.run_log import add_note
from registry.services.runs import delete_run, end_run, start_run
from registry.sync.bodies import read_bodies
from registry.sync.mongodb_target import write_bodies
from registry.sync.relay import relay_once
from registry.sync.targets import TARGETS, TargetUnavailableError

from .activity_operations import ACTIVITY_OPERATIONS
from .archive_operations import OPERATIONS as ARCHIVE_OPERATIONS
from .backfill_operations import BACKFILL_OPERATIONS
from .capture_operations import CAPTURE_OPERATIONS
from .cutover_operations import CUTOVER_OPERATIONS
from .import_operations import IMPORT_OPERATIONS
from .message_operations import MESSAGE_OPERATIONS
from .onboarding_operations import ONBOARDING_OPERATIONS
from .saga_operations import SAGA_OPERATIONS


def prepare(*, name: str) -> None:
    """An experiment and a dataset of one name."""
    create_experiment(name=name)
    create_dataset(name=name, digest=name)


def register(*, experiment: str, name: str, key: str) -> str:
    run = start_run(
        experiment=experiment, name=name, dataset=experiment, config={"lr": 0.1}, idempotency_key=key
    )
    return str(run.run_id)


def note(*, run_id: str, text: str, key: str) -> str:
    return add_note(run_id=run_id, text=text, idempotency_key=key)


def change(*, run_id: str, step: int, stage: str) -> None:
    change_run(run_id=run_id, custom={"step": step}, tags={"stage": stage})


def end(*, run_id: str, accuracy: float) -> None:
    log_metrics(run_id=run_id, points=[MetricSample("accuracy", accuracy, 1, 1_700_000_000_000)])
    end_run(run_id=run_id)


def delete(*, run_id: str) -> None:
    delete_run(run_id=run_id)


def relay() -> int:
    """Everything that is due, as the relay's threads do it."""
    return sum(_all_of(target) for target in sorted(TARGETS))


def _all_of(target: int) -> int:
    total = 0
    with contextlib.suppress(TargetUnavailableError):  # as the relay's thread, which asks again later
        while claimed := relay_once(target):
            total += claimed
    return total


def deliver_late(*, run_id: str, **request: Any) -> None:
    """Read a body, let a newer one be delivered, then write the old one."""
    for bodies in read_bodies([("runs", run_id)]):
        change(run_id=run_id, **request)
        write_bodies(bodies)


def deliver_late_to_redis(*, run_id: str, **request: Any) -> None:
    """The same with a place on the leaderboard."""
    old = standings_of({run_id: 0})
    end(run_id=run_id, **request)
    leaderboards.put(old)


OPERATIONS: dict[str, Any] = (
    {
        each.__name__: each
        for each in (
            *(prepare, register, note, change, end, delete, relay),
            *(deliver_late, deliver_late_to_redis),
        )
    }
    | SAGA_OPERATIONS
    | ACTIVITY_OPERATIONS
    | ARCHIVE_OPERATIONS
    | CUTOVER_OPERATIONS
    | BACKFILL_OPERATIONS
    | CAPTURE_OPERATIONS
    | IMPORT_OPERATIONS
    | MESSAGE_OPERATIONS
    | ONBOARDING_OPERATIONS
)
