"""The outbox beside it: runs made through the service, until their documents are there, on both roads."""

import time
from collections.abc import Iterator
from pathlib import Path

from analysis.benchmarks.registration import measure_drain
from registry.services.experiments import create_experiment
from registry.services.runs import start_run
from registry.sync.outbox import only_promised

from .capture import CONSUMER, Lag, Rate, all_watched, lag, watched
from .processes import running

PARAMS = {f"param_{number}": number / 7 for number in range(20)}
PILED_UP = 300
MOST_RELAYED = 40  # the relay leaves each to its writer for a second


def measure_outbox(*, runs: int, log: Path) -> Iterator[Lag | Rate]:
    """Runs through the service: by the relay, by change capture, and with the body before the answer."""
    create_experiment(name="roads")
    with (
        running("relay_outbox", log=log),
        running("cdc", "run", "--consumer", CONSUMER, log=log),
    ):
        _both_roads(3)  # both are up
        relayed, captured = _both_roads(min(runs, MOST_RELAYED))
        yield lag("a run through the service, by the relay (runs)", relayed)
        yield lag("the same run, captured (cdc_trainingrun)", captured)
        yield lag("a run through the service, call to document (fast path)", list(_fast_path(runs)))
    drained = measure_drain(runs=PILED_UP, changes=1)
    yield Rate(
        f"the relay: effects of {PILED_UP} runs that had piled up",
        drained.effects,
        round(drained.seconds, 3),
        round(drained.effects_per_second),
    )


def _both_roads(runs: int) -> tuple[list[float], list[float]]:
    relayed: list[float] = []
    captured: list[float] = []
    for _ in range(runs):
        with only_promised():
            run = start_run(experiment="roads", config=PARAMS, tags={"team": "blue"})
        began = time.perf_counter()
        by_relay, by_capture = all_watched(("runs", run.run_id), ("cdc_trainingrun", run.pk))
        relayed.append((by_relay - began) * 1_000)
        captured.append((by_capture - began) * 1_000)
    return relayed, captured


def _fast_path(runs: int) -> Iterator[float]:
    for _ in range(runs):
        began = time.perf_counter()
        run = start_run(experiment="roads", config=PARAMS, tags={"team": "blue"})
        yield (watched("runs", run.run_id) - began) * 1_000
