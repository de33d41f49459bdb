"""Histories of metrics, through the API."""

from typing import Any

from registry.models import Experiment, Metric, MetricPoint, TrainingRun
from tests.factories import RunFactory

from .conftest import Mlflow


def log(run: TrainingRun, key: str, *points: tuple[int, int, float]) -> None:
    """Points of step, timestamp and value."""
    metric = Metric.objects.create(run=run, key=key, latest_value=0, latest_step=0, latest_timestamp_ms=0)
    MetricPoint.objects.bulk_create(
        MetricPoint(metric=metric, step=step, timestamp_ms=at, value=value) for step, at, value in points
    )


def steps(answer: dict[str, Any]) -> list[int]:
    return [point["step"] for point in answer.get("metrics", [])]


def test_a_history_is_in_the_order_of_timestamp_step_and_value(mlflow: Mlflow, run: TrainingRun) -> None:
    log(run, 'a "b', (3, 10, 1.5), (1, 30, float("nan")), (2, 10, float("inf")), (2, 10, -1.0))
    found = mlflow.get("metrics/get-history", run_id=run.run_id, metric_key='a "b')
    assert found == {
        "metrics": [
            {"key": 'a "b', "value": -1, "timestamp": 10, "step": 2},
            {"key": 'a "b', "value": "Infinity", "timestamp": 10, "step": 2},
            {"key": 'a "b', "value": 1.5, "timestamp": 10, "step": 3},
            {"key": 'a "b', "value": "NaN", "timestamp": 30, "step": 1},
        ]
    }


def test_a_history_is_paged(mlflow: Mlflow, run: TrainingRun) -> None:
    log(run, "a", *[(step, step // 3, step / 2) for step in range(7)])
    found: list[int] = []
    token: str | None = ""
    while token is not None:
        page = mlflow.get(
            "metrics/get-history", run_id=run.run_id, metric_key="a", max_results=3, page_token=token
        )
        found += steps(page)
        token = page.get("next_page_token")
    assert found == list(range(7))


def test_a_metric_that_is_not_there_has_no_history_and_a_run_that_is_not_there_is_an_error(
    mlflow: Mlflow, run: TrainingRun
) -> None:
    assert mlflow.get("metrics/get-history", run_id=run.run_id, metric_key="a") == {}
    missing = {"run_id": "0" * 32, "metric_key": "a"}
    assert mlflow.refused("GET", "metrics/get-history", missing)[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    sampled = {"run_ids": ["0" * 32], "metric_key": "a"}
    assert mlflow.refused("GET", "metrics/get-history-bulk-interval", sampled)[0] == 404
    assert mlflow.get("metrics/get-history-bulk", **missing) == {"metrics": []}


def test_histories_of_many_runs_come_by_run_up_to_a_limit_in_all(
    mlflow: Mlflow, experiment: Experiment
) -> None:
    runs = sorted(RunFactory.create_batch(2, experiment=experiment), key=lambda run: str(run.run_id))
    for run in runs:
        log(run, "a", (1, 1, 1.0), (2, 2, 2.0))
    asked = [runs[1].run_id, runs[0].run_id, "none"]
    found = mlflow.get("metrics/get-history-bulk", run_id=asked, metric_key="a", max_results=3)
    first, second = (run.run_id for run in runs)
    assert [(each["run_id"], each["step"]) for each in found["metrics"]] == [
        (first, 1),
        (first, 2),
        (second, 1),
    ]


SAMPLED: list[tuple[dict[str, int], list[int]]] = [
    ({"max_results": 10}, [0, 1, 2, 3, 4, 5, 6]),
    ({"max_results": 7}, [0, 1, 2, 3, 4, 5, 6]),
    ({"max_results": 3}, [0, 3, 6]),
    ({"max_results": 4}, [0, 2, 4, 6]),
    ({"max_results": 1}, [6]),
    ({"start_step": 2, "end_step": 5, "max_results": 2}, [2, 5]),
    ({"start_step": 9, "end_step": 9}, []),
]


def test_a_sample_is_even_and_has_both_ends(mlflow: Mlflow, run: TrainingRun) -> None:
    log(run, "a", *[(step, 1, 0.5) for step in range(7)])
    asked = {"run_ids": [run.run_id], "metric_key": "a"}
    for fields, found in SAMPLED:
        assert steps(mlflow.get("metrics/get-history-bulk-interval", **asked, **fields)) == found


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("get-history", {"max_results": 0}, "must be a positive integer"),
    ("get-history", {"page_token": "x"}, "Invalid page token"),
    ("get-history-bulk", {"run_id": []}, "at least one run_id"),
    ("get-history-bulk", {"run_id": ["a"] * 101}, "cannot specify more than 100 run_ids"),
    ("get-history-bulk", {"metric_key": []}, "must specify a metric_key"),
    ("get-history-bulk-interval", {}, "'run_ids'"),
    ("get-history-bulk-interval", {"run_ids": ["a"] * 101}, "at most 100 run_ids"),
    ("get-history-bulk-interval", {"run_ids": ["a"], "max_results": 2_501}, "between 1 and 2500"),
    ("get-history-bulk-interval", {"run_ids": ["0" * 32], "start_step": 1}, "both must be specified"),
    (
        "get-history-bulk-interval",
        {"run_ids": ["0" * 32], "start_step": 2, "end_step": 1},
        "end_step must be greater than start_step",
    ),
]


def test_a_wrong_question_is_refused(mlflow: Mlflow, run: TrainingRun) -> None:
    for path, fields, why in REFUSED:
        asked = {"run_id": run.run_id, "metric_key": "a"} | fields
        status, code, message = mlflow.refused("GET", f"metrics/{path}", asked)
        assert (status, code, why in message) == (400, "INVALID_PARAMETER_VALUE", True), message
