"""Runs with long curves, as training code logs them."""

import numpy as np

from registry.models import Experiment
from registry.services.experiments import create_experiment
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.runs import end_run, start_run
from registry.sync.outbox import only_promised

RUNS = 8
EXPERIMENT = "long-curves"
BEGAN_MS = 1_790_000_000_000


def long_runs(*, points: int) -> list[str]:
    """Eight ended runs, each with so many points of ``val_loss``; their ids.

    A spike, a stretch of NaN, noise that shrinks, a run that is shorter: what curves are like.
    """
    if not Experiment.objects.filter(name=EXPERIMENT).exists():
        create_experiment(name=EXPERIMENT)
    chance = np.random.default_rng(5)
    return [_long_run(number, points, chance) for number in range(RUNS)]


def _long_run(number: int, points: int, chance: np.random.Generator) -> str:
    config = {
        "optimizer": {"name": ("adam", "sgd")[number % 2], "learning_rate": 0.1 / 2**number},
        "depth": 2 + number // 2,
        "batch_size": 64,
    }
    run = start_run(experiment=EXPERIMENT, name=f"cnn-{number}", model_name="cnn", config=config)
    steps = np.arange(points if number < RUNS - 1 else points * 2 // 3)
    values = (2.5 - 0.1 * number) * np.exp(-steps / points * 12 / (1 + number / 3)) + 0.2 + 0.02 * number
    values += np.abs(chance.normal(0, 0.05, steps.size)) * np.exp(-steps / points)
    values[steps.size // 2] = 2.9 if number == 1 else values[steps.size // 2]
    if number == RUNS // 2:
        values[steps.size // 2 : steps.size // 2 + points // 50] = np.nan
    samples = [
        MetricSample("val_loss", value, step, BEGAN_MS + number * 600_000 + step * (200 + 15 * number))
        for step, value in enumerate(values.tolist())
    ]
    with only_promised():
        log_metrics(run_id=run.run_id, points=samples)
    log_metrics(run_id=run.run_id, points=[MetricSample("accuracy", 0.9 + number / 100, 0, BEGAN_MS)])
    end_run(run_id=run.run_id)
    return str(run.run_id)
