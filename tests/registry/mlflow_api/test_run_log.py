import math
from typing import Any

import pytest

from registry.models import LoggedModelMetric, Metric, MetricPoint, Param, RunTag, TrainingRun
from tests.factories import LoggedModelFactory

from .conftest import Mlflow, kept


def points(run: TrainingRun) -> list[tuple[str, float, int, int]]:
    rows = MetricPoint.objects.filter(metric__run=run).order_by("metric__key", "step", "timestamp_ms")
    return list(rows.values_list("metric__key", "value", "step", "timestamp_ms"))


def test_a_metric_is_logged_in_one_statement(
    mlflow: Mlflow, run: TrainingRun, django_assert_num_queries: Any
) -> None:
    fields = {"run_id": run.run_id, "key": "auc", "value": 0.5, "timestamp": 7, "step": "3"}
    with django_assert_num_queries(3):  # who asks, that they asked now, and the metric
        mlflow.post("runs/log-metric", **fields)
    mlflow.post("runs/log-metric", **fields)
    assert points(run) == [("auc", 0.5, 3, 7)]


def test_a_metric_without_a_step_has_step_0(mlflow: Mlflow, run: TrainingRun) -> None:
    mlflow.post("runs/log-metric", run_id=run.run_id, key="a", value=1, timestamp=7)
    assert points(run) == [("a", 1.0, 0, 7)]


@pytest.mark.parametrize(("sent", "kept"), [("Infinity", math.inf), ("-Infinity", -math.inf), ("2.5", 2.5)])
def test_numbers_that_json_lacks_come_as_text(
    mlflow: Mlflow, run: TrainingRun, sent: str, kept: float
) -> None:
    mlflow.post("runs/log-metric", run_id=run.run_id, key="a", value=sent, timestamp=7)
    assert Metric.objects.get().latest_value == kept


@pytest.mark.parametrize("sent", [b'"NaN"', b"NaN"])
def test_nan_comes_as_text_or_as_a_bare_word(mlflow: Mlflow, run: TrainingRun, sent: bytes) -> None:
    body = b'{"run_id": "%s", "key": "a", "timestamp": 1, "value": %s}' % (run.run_id.encode(), sent)
    assert mlflow.ask("POST", "runs/log-metric", body).status_code == 200
    assert math.isnan(Metric.objects.get().latest_value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": ""}, {"key": None}, {"key": 5}, {"key": "k" * 251}, {"key": "a\u0000b"}, {"value": None},
        {"value": "high"}, {"value": True}, {"value": [1]}, {"value": ""}, {"timestamp": None},
        {"timestamp": -1}, {"timestamp": 2**64}, {"timestamp": "now"}, {"step": 2**63}, {"step": 1.5},
        {"step": True},
    ],
    ids=str,
)  # fmt: skip
def test_a_metric_that_can_t_be_kept_is_refused(
    mlflow: Mlflow, run: TrainingRun, wrong: dict[str, Any]
) -> None:
    metric = {"key": "a", "value": 1.0, "timestamp": 1, "step": 1}
    one = mlflow.refused("POST", "runs/log-metric", {"run_id": run.run_id, **metric, **wrong})
    batch = {"run_id": run.run_id, "metrics": [metric, metric | wrong]}
    many = mlflow.refused("POST", "runs/log-batch", batch)
    assert one[:2] == many[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert points(run) == []


def test_a_batch_is_kept_whole(mlflow: Mlflow, run: TrainingRun) -> None:
    metrics = [{"key": f"m{n % 10}", "value": n / 8, "timestamp": n, "step": n} for n in range(998)]
    body = {"run_id": run.run_id, "metrics": metrics, "params": [{"key": "lr", "value": "0.1"}],
            "tags": [{"key": "t", "value": "x"}]}  # fmt: skip
    assert mlflow.post("runs/log-batch", **body) == {}
    assert mlflow.post("runs/log-batch", **body) == {}
    assert sorted(points(run)) == sorted((f"m{n % 10}", n / 8, n, n) for n in range(998))
    assert Param.objects.get().value_number == 0.1
    assert RunTag.objects.get().value == "x"


def test_metrics_alone_take_one_statement_or_few(
    mlflow: Mlflow, run: TrainingRun, django_assert_max_num_queries: Any
) -> None:
    for count, most in ((99, 3), (1_000, 2)):
        metrics = [{"key": "m", "value": n, "timestamp": n, "step": n} for n in range(count)]
        with django_assert_max_num_queries(most):
            mlflow.post("runs/log-batch", run_id=run.run_id, metrics=metrics)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"metrics": [{}] * 1_001}, "A batch logging request can contain at most 1000 metrics. Got 1001 metrics."),
        ({"params": [{}] * 101}, "at most 100 params. Got 101 params."),
        ({"tags": [{}] * 101}, "at most 100 tags. Got 101 tags."),
        ({"metrics": [{}] * 950, "params": [{}] * 51}, "at most 1000 metrics, params, and tags. Got 1001"),
        ({"tags": [{"key": "a", "value": "x" * 1_000_000}]}, "must be at most 1000000 bytes"),
        ({"metrics": "none"}, "Invalid value 'none' for parameter 'metrics' supplied."),
        ({"params": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}, "Duplicate parameter keys"),
    ],
)  # fmt: skip
def test_a_batch_beyond_the_limits_is_refused(
    mlflow: Mlflow, run: TrainingRun, fields: dict[str, Any], message: str
) -> None:
    status, code, told = mlflow.refused("POST", "runs/log-batch", {"run_id": run.run_id, **fields})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message in told


def test_a_param_keeps_its_value(mlflow: Mlflow, run: TrainingRun) -> None:
    param = {"run_id": run.run_id, "key": "lr", "value": "0.1"}
    mlflow.post("runs/log-parameter", **param)
    mlflow.post("runs/log-parameter", **param)
    changed = mlflow.refused("POST", "runs/log-parameter", param | {"value": "0.2"})
    assert changed[:2] == (400, "INVALID_PARAMETER_VALUE")
    others = {"run_id": run.run_id, "params": [{"key": "new", "value": "1"}, {"key": "lr", "value": "0.2"}]}
    assert mlflow.refused("POST", "runs/log-batch", others)[0] == 400
    assert list(Param.objects.values_list("key", "value")) == [("lr", "0.1")]


def test_a_long_value_is_cut_as_mlflow_cuts_it(mlflow: Mlflow, run: TrainingRun) -> None:
    mlflow.post("runs/log-parameter", run_id=run.run_id, key="p", value="x" * 7_000)
    mlflow.post("runs/set-tag", run_id=run.run_id, key="t", value="y" * 9_000)
    assert (len(Param.objects.get().value), len(RunTag.objects.get().value)) == (6_000, 8_000)


def test_dots_and_json_become_a_nested_config(mlflow: Mlflow, run: TrainingRun) -> None:
    values = {
        "optimizer.name": "adam", "optimizer.lr": "1e-3", "layers": "[64, 32]", "early": "True", "seed": "None",
        "data": '{"path": "a.b", "$x": 1}', "version": "1.2.3", "id": "12345678901234567890", "empty": "",
        "quoted": '"x"', "bad": "{'a': 1}", "scale": "nan",
    }  # fmt: skip
    mlflow.post(
        "runs/log-batch", run_id=run.run_id, params=[{"key": k, "value": v} for k, v in values.items()]
    )
    assert dict(Param.objects.values_list("key", "value")) == values
    nested = kept(run)["params"]
    assert math.isnan(nested.pop("scale"))
    assert nested == {
        "optimizer": {"name": "adam", "lr": 0.001}, "layers": [64, 32], "early": True, "seed": None,
        "data": {"path": "a.b", "$x": 1}, "version": "1.2.3", "id": "12345678901234567890", "empty": "",
        "quoted": '"x"', "bad": "{'a': 1}",
    }  # fmt: skip


@pytest.mark.parametrize("order", [["a", "a.b", "a.b.c"], ["a.b.c", "a.b", "a"], ["a.b", "a", "a.b.c"]])
def test_a_param_may_also_be_the_beginning_of_others(
    mlflow: Mlflow, run: TrainingRun, order: list[str]
) -> None:
    for key in order:
        mlflow.post("runs/log-parameter", run_id=run.run_id, key=key, value=f"value of {key}")
    assert set(Param.objects.values_list("key", flat=True)) == set(order)
    texts = str(kept(run)["params"])
    assert [f"'value of {key}'" in texts for key in order] == [True] * 3


def test_a_tag_takes_a_new_value_and_is_deleted(mlflow: Mlflow, run: TrainingRun) -> None:
    for value in ("one", "two"):
        mlflow.post("runs/set-tag", run_id=run.run_id, key="a", value=value)
    assert kept(run)["tags"] == [{"k": "a", "v": "two"}]
    mlflow.post("runs/delete-tag", run_id=run.run_id, key="a")
    assert mlflow.refused("POST", "runs/delete-tag", {"run_id": run.run_id, "key": "a"}) == (
        404, "RESOURCE_DOES_NOT_EXIST", f"No tag with name: a in run with id {run.run_id}",
    )  # fmt: skip


def test_the_name_tag_names_the_run(mlflow: Mlflow, run: TrainingRun) -> None:
    mlflow.post("runs/set-tag", run_id=run.run_id, key="mlflow.runName", value="renamed")
    run.refresh_from_db()
    assert run.name == kept(run)["name"] == "renamed"


def test_a_deleted_run_takes_nothing(mlflow: Mlflow, run: TrainingRun) -> None:
    mlflow.post("runs/delete", run_id=run.run_id)
    metric = {"key": "a", "value": 1, "timestamp": 1}
    for path, fields in (
        ("log-metric", metric), ("log-batch", {"metrics": [metric]}), ("log-parameter", {"key": "a", "value": "1"}),
        ("set-tag", {"key": "a", "value": "1"}), ("delete-tag", {"key": "a"}), ("update", {"status": "FAILED"}),
    ):  # fmt: skip
        answer = mlflow.refused("POST", f"runs/{path}", {"run_id": run.run_id} | fields)
        assert answer[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert points(run) == []


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"run_id": "a", "run_id": "b"}', b"\xff", b"5", b'{"key": "\\ud800"}', b"{" + b'"a":{' * 50_000],
    ids=lambda body: str(body[:20]),
)  # fmt: skip
def test_a_body_that_is_no_object_is_refused(mlflow: Mlflow, body: bytes) -> None:
    assert mlflow.refused("POST", "runs/log-metric", body)[:2] in [
        (400, "INVALID_PARAMETER_VALUE"),
        (404, "RESOURCE_DOES_NOT_EXIST"),
    ]


def test_a_metric_of_a_logged_model_is_kept_for_both(mlflow: Mlflow, run: TrainingRun) -> None:
    model = LoggedModelFactory.create(experiment=run.experiment)
    metric = {"key": "auc", "value": 0.5, "timestamp": 7, "step": 1, "model_id": f"m-{model.model_id}"}
    mlflow.post("runs/log-metric", run_id=run.run_id, dataset_name="d", dataset_digest="1", **metric)
    mlflow.post(
        "runs/log-batch", run_id=run.run_id, metrics=[metric, {"key": "b", "value": 1, "timestamp": 7}]
    )
    rows = LoggedModelMetric.objects.order_by("dataset_name").values_list("key", "value", "dataset_name")
    assert list(rows) == [("auc", 0.5, ""), ("auc", 0.5, "d")]
    assert points(run) == [("auc", 0.5, 1, 7), ("b", 1.0, 0, 7)]


def test_a_metric_of_a_model_that_is_not_there_is_refused_whole(mlflow: Mlflow, run: TrainingRun) -> None:
    metric = {"key": "auc", "value": 0.5, "timestamp": 7, "model_id": f"m-{'0' * 32}"}
    answer = mlflow.refused("POST", "runs/log-metric", {"run_id": run.run_id, **metric})
    assert answer[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    assert points(run) == []
