"""Metrics: which value is the latest, numbers that are none, history, limits."""

import math
import time

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric

from tests.mlflow_client.refusal import refused

LARGEST = 1.7976931348623157e308


def test_the_latest_value_is_that_of_the_largest_step(client: MlflowClient, run: str) -> None:
    client.log_metric(run, "loss", 3, timestamp=1_000, step=5)
    client.log_metric(run, "loss", 9, timestamp=2_000, step=1)
    assert client.get_run(run).data.metrics == {"loss": 3.0}


def test_at_the_same_step_the_later_time_wins_then_the_larger_value(client: MlflowClient, run: str) -> None:
    client.log_batch(run, [Metric("by time", 1, 2_000, 0), Metric("by time", 9, 1_000, 0)])
    client.log_batch(run, [Metric("by value", 5, 1_000, 0), Metric("by value", 7, 1_000, 0)])
    client.log_metric(run, "by value", 6, timestamp=1_000, step=0)
    assert client.get_run(run).data.metrics == {"by time": 1.0, "by value": 7.0}


def test_steps_may_be_negative_and_large(client: MlflowClient, run: str) -> None:
    for step in (-3, 0, 2**40):
        client.log_metric(run, "loss", step, step=step, timestamp=1)
    assert sorted(point.step for point in client.get_metric_history(run, "loss")) == [-3, 0, 2**40]
    assert client.get_run(run).data.metrics == {"loss": float(2**40)}


def test_numbers_that_are_none_are_kept(client: MlflowClient, run: str) -> None:
    client.log_batch(
        run, [Metric("nan", math.nan, 1, 0), Metric("inf", math.inf, 1, 0), Metric("-inf", -math.inf, 1, 0)]
    )
    client.log_metric(run, "nan alone", math.nan)
    metrics = client.get_run(run).data.metrics
    assert math.isnan(metrics["nan"])
    assert math.isnan(metrics["nan alone"])
    # MLflow's SQL store answers the largest double; infinity is at least as true.
    assert metrics["inf"] >= LARGEST
    assert metrics["-inf"] <= -LARGEST
    assert math.isnan(client.get_metric_history(run, "nan")[0].value)


def test_the_same_point_twice_is_one(client: MlflowClient, run: str) -> None:
    for _ in range(2):
        client.log_metric(run, "loss", 0.5, timestamp=7, step=1)
    client.log_batch(run, [Metric("loss", 0.5, 7, 1)])
    assert len(client.get_metric_history(run, "loss")) == 1


def test_history_holds_every_point_with_all_its_digits(client: MlflowClient, run: str) -> None:
    points = [Metric("loss", 1 / (n + 3), 1_700_000_000_000 + n, n) for n in range(1_000)]
    client.log_batch(run, metrics=points)
    found = client.get_metric_history(run, "loss")
    assert [(p.value, p.timestamp, p.step) for p in found] == [(p.value, p.timestamp, p.step) for p in points]


def test_history_is_paged(client: MlflowClient, run: str) -> None:
    client.log_batch(run, [Metric("loss", n, n, n) for n in range(25)])
    first = client._tracking_client.store.get_metric_history(run, "loss", max_results=10)
    second = client._tracking_client.store.get_metric_history(
        run, "loss", max_results=10, page_token=first.token
    )
    third = client._tracking_client.store.get_metric_history(
        run, "loss", max_results=10, page_token=second.token
    )
    assert [point.step for page in (first, second, third) for point in page] == list(range(25))
    assert third.token is None


def test_history_of_an_unknown_metric_is_empty(client: MlflowClient, run: str) -> None:
    assert client.get_metric_history(run, "none") == []


def test_fluent_metrics_get_a_time_of_their_own(client: MlflowClient, experiment: str) -> None:
    before = int(time.time() * 1000)
    with mlflow.start_run() as active:
        mlflow.log_metric("loss", 1)
        mlflow.log_metrics({"a": 1, "b": 2.5}, step=3)
    run = client.get_run(active.info.run_id)
    assert run.data.metrics == {"loss": 1.0, "a": 1.0, "b": 2.5}
    (point,) = client.get_metric_history(run.info.run_id, "b")
    assert (point.step, point.timestamp >= before) == (3, True)


def test_metrics_logged_in_the_background_arrive(client: MlflowClient, experiment: str) -> None:
    with mlflow.start_run() as active:
        for step in range(50):
            mlflow.log_metric("loss", step, step=step, synchronous=False)
        mlflow.log_params({"a": 1}, synchronous=False).wait()
        mlflow.flush_async_logging()
    assert len(client.get_metric_history(active.info.run_id, "loss")) == 50


def test_names_of_metrics_may_hold_slashes_dots_and_blanks(client: MlflowClient, run: str) -> None:
    names = ["val/loss", "a.b", "a b", "a-b_c", "a:b"]
    for each in names:
        client.log_metric(run, each, 1)
    assert sorted(client.get_run(run).data.metrics) == sorted(names)


def test_a_bad_name_of_a_metric_is_told(client: MlflowClient, run: str) -> None:
    for key in ("", "a\nb", "../a", "a" * 251, "per%cent"):
        with refused("INVALID_PARAMETER_VALUE"):
            client.log_metric(run, key, 1)
    assert client.get_run(run).data.metrics == {}


def test_a_batch_of_metrics_is_written_whole_or_not_at_all(client: MlflowClient, run: str) -> None:
    with refused("INVALID_PARAMETER_VALUE"):
        client.log_batch(run, metrics=[Metric("good", 1, 1, 0), Metric("100%", 1, 1, 0)])
    assert client.get_run(run).data.metrics == {}
