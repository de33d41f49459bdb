"""What the outbox costs a writer, and how fast a relay catches up.

Each round registers one run in each way, in turn, in databases of its own:

- ``PostgreSQL alone``: row, params and tag, and nothing else; what every way pays.
- ``naive dual write``: the same, then one insert into MongoDB after the commit: two steps, and whatever
  happens between them is lost.
- ``outbox, relay only``: acknowledged at the commit; MongoDB follows within a second.
- ``outbox, fast path``: MongoDB has the body, durably, before the answer.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from registry.documents.connection import collection
from registry.models import Experiment, TrainingRun
from registry.services.experiments import create_experiment
from registry.services.params import read_leaves, store_params
from registry.services.runs import start_run
from registry.services.tags import set_run_tags, store_run_tags
from registry.sync import relay
from registry.sync.outbox import only_promised

from .environment import percentiles

CONFIG = {"optimizer": {"name": "adam", "lr": 0.001}, "layers": [64, 32], "batch_size": 128, "dropout": 0.1}
TAGS = {"team": "blue"}
WARM_UP = 20


@dataclass(frozen=True)
class RegistrationCost:
    """One way of registering a run: milliseconds, and the median against PostgreSQL alone."""

    way: str
    p50_ms: float
    p95_ms: float
    p99_ms: float
    times_postgresql: float


@dataclass(frozen=True)
class DrainRate:
    """How fast a relay delivers what has piled up."""

    effects: int
    documents: int
    seconds: float
    effects_per_second: float


def measure_registration(*, rounds: int) -> Iterator[RegistrationCost]:
    """Register a run in each way, in turn, ``rounds`` times."""
    experiment = create_experiment(name="benchmark")
    ways: dict[str, Callable[[Experiment], object]] = {
        "PostgreSQL alone": _postgresql_alone,
        "naive dual write": _naive,
        "outbox, relay only": _relay_only,
        "outbox, fast path": _fast_path,
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(rounds + WARM_UP):
        for way, register in ways.items():
            began = time.perf_counter()
            register(experiment)
            if number >= WARM_UP:
                times[way].append((time.perf_counter() - began) * 1_000)
    base = percentiles(times["PostgreSQL alone"])["p50"]
    for way, milliseconds in times.items():
        found = percentiles(milliseconds)
        yield RegistrationCost(way, found["p50"], found["p95"], found["p99"], found["p50"] / base)
    relay.drain()


def measure_drain(*, runs: int, changes: int) -> DrainRate:
    """Let each of ``runs`` runs owe 1 + ``changes`` effects, as without MongoDB, then deliver them."""
    experiment = Experiment.objects.first() or create_experiment(name="benchmark")
    relay.drain()
    with only_promised():
        for _ in range(runs):
            run = _fast_path(experiment)
            for number in range(changes):
                set_run_tags(run_id=run.run_id, tags={"change": str(number)})
    began = time.perf_counter()
    effects = relay.drain()
    seconds = time.perf_counter() - began
    return DrainRate(effects, runs, seconds, effects / seconds)


def _postgresql_alone(experiment: Experiment) -> TrainingRun:
    with transaction.atomic():
        run = TrainingRun.objects.create(experiment=experiment, name="benchmark", started_at=timezone.now())
        store_params(run=run, leaves=read_leaves(CONFIG))
        store_run_tags(run=run, tags=TAGS)
    return run


def _naive(experiment: Experiment) -> None:
    run = _postgresql_alone(experiment)
    document = {"_id": run.run_id, "v": 1, "experiment_id": experiment.experiment_id}
    collection("runs").insert_one({**document, "started_at": run.started_at, "params": CONFIG, "tags": []})


def _relay_only(experiment: Experiment) -> None:
    with only_promised():
        _fast_path(experiment)


def _fast_path(experiment: Experiment) -> TrainingRun:
    return start_run(experiment=experiment.name, config=CONFIG, tags=TAGS)
