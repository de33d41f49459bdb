"""What a child of the zygote may be told to do: the platform's own services, by name."""

from typing import Any

from registry.sync.relay import relay_once
from registry.sync.targets import TARGETS

from registry.services.experiments import create_experiment
from registry.services.metrics import MetricSample, log_metrics
from registry.services.run_changes import change_run
from registry.services.run_log import add_note
from registry.services.runs import delete_run, end_run, start_run


def experiment(*, name: str) -> str:
    return create_experiment(name=name).name


def register(*, experiment: str, name: str, key: str) -> str:
    run = start_run(experiment=experiment, name=name, config={"lr": 0.1}, idempotency_key=key)
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
    while claimed := relay_once(target):
        total += claimed
    return total


OPERATIONS: dict[str, Any] = {
    each.__name__: each for each in (experiment, register, note, change, end, delete, relay)
}
