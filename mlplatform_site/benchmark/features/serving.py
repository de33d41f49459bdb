"""Predictions of a real model by the features that were written: kept answers and computed ones."""

import time
from collections.abc import Iterator

import numpy as np
from django.contrib.auth.models import User
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from analysis.benchmarks.cache_reads import measure_reads
from analysis.benchmarks.features.results import CACHE_API, ORM, OURS, SERVING, Row, Timing, timing
from analysis.benchmarks.features.workload import ENTITIES, feature_names, values, view_name
from analysis.benchmarks.tracking.jobs import WrongAnswerError
from features.seeding.model_files import to_bytes
from features.services.entity_predictions import predict_entities
from features.services.served_models import Wanted
from mlplatform_site.demo.preparation import ADMIN
from registry.models import TrainingRun
from registry.services.artifacts import log_artifact
from registry.services.deployments import deploy
from registry.services.experiments import create_experiment
from registry.services.model_versions import create_model_version, set_version_tag
from registry.services.registered_models import register_model
from registry.services.runs import end_run, start_run

MODEL, PATH, WIDTH = "benchmark", "model/model.skops", 10
SIZES = (1, 100)
KEY_READS = {"ORM, one row with its names": ORM, "cache API, from Redis": CACHE_API}


def serving(*, count: int, rounds: int) -> Iterator[Row]:
    """One entity and a hundred at a time, each asked for before, and entities never asked for.

    Raises:
        WrongAnswerError: a prediction is not the model's, or was computed where it should have been kept.
    """
    run, expected = _published()
    user = User.objects.get(username=ADMIN)
    first = [_seconds(user, [number], expected, is_hit=False) for number in range(ENTITIES // 2)]
    _seconds(user, range(ENTITIES // 2, ENTITIES), expected, is_hit=False)
    yield Row(SERVING, "prediction", "computed, 1 entity", timing([first]))
    for size in SIZES:
        rows = range(size)
        found = [[_seconds(user, rows, expected, is_hit=True) for _ in range(count)] for _ in range(rounds)]
        case = "cached prediction" if size == 1 else f"cached predictions, {size}"
        yield Row(SERVING, case, OURS, timing(found))
    for cost in measure_reads(run, rounds=count):
        p50, p95, p99 = (each / 1_000 for each in (cost.p50_us, cost.p95_us, cost.p99_us))
        figures = Timing(p50=p50, p95=p95, p99=p99, rate=1_000 / p50, calls=count)
        yield Row(SERVING, "simple key read", KEY_READS.get(cost.way, cost.way), figures)


def _published() -> tuple[TrainingRun, list[int]]:
    """Fit, register and deploy a model; returns its run, and what it predicts of every entity."""
    rows = np.array(values(WIDTH))
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, (rows[:, 0] > 0).astype(int))
    create_experiment(name=MODEL)
    run = start_run(experiment=MODEL)
    log_artifact(run_id=run.run_id, path=PATH, content=to_bytes(model))
    end_run(run_id=run.run_id)
    register_model(name=MODEL)
    version = create_model_version(model=MODEL, run_id=run.run_id, artifact_path=PATH)
    features = ",".join(f"{view_name(WIDTH)}:{name}" for name in feature_names(WIDTH))
    set_version_tag(model=MODEL, version=version.number, key="features", value=features)
    deploy(model=MODEL, version=version.number, environment="production", endpoint=f"/predict/{MODEL}")
    found: list[int] = model.predict(rows).tolist()
    return run, found


def _seconds(user: User, rows: range | list[int], expected: list[int], *, is_hit: bool) -> float:
    entities = {"customer_id": [f"C{number}" for number in rows]}
    began = time.perf_counter()
    found = predict_entities(wanted=Wanted(MODEL), user=user, entities=entities)
    seconds = time.perf_counter() - began
    told = [(each.answer.prediction if each.answer else None, each.is_hit) for each in found.answers]
    if told != [(expected[number], is_hit) for number in rows]:
        raise WrongAnswerError(
            f"Predictions of {len(told)} entities are wrong, or not kept as they should be."
        )
    return seconds
