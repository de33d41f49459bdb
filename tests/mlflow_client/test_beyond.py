"""What our filters can and MLflow's cannot."""

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param

from tests.mlflow_client.refusal import refused

pytestmark = pytest.mark.ours


@pytest.fixture
def four(client: MlflowClient, experiment: str) -> None:
    """Runs a to d: depth 1, 2, 10, 20; loss falls, then rises to the depth."""
    for name, depth in {"a": 1, "b": 2, "c": 10, "d": 20}.items():
        run = client.create_run(experiment, run_name=name).info.run_id
        points = [Metric("loss", 100, 1, 0), Metric("loss", depth / 10, 1, 1), Metric("loss", depth, 1, 2)]
        client.log_batch(run, points, [Param("depth", str(depth)), Param("model.layers", f"[{depth}, 64]")])


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("params.depth = '1' OR params.depth = '20'", "ad"),
        ("(params.depth = '1' OR params.depth = '2') AND metrics.loss > 1", "b"),
        ("NOT params.depth = '1'", "bcd"),
        ("params.depth > 2", "cd"),
        ("params.depth <= 10", "abc"),
        ("params.depth IN ('1', '10')", "ac"),
        ("params.depth NOT IN ('1', '10')", "bd"),
        ("metrics.loss.min < 0.15", "a"),
        ("metrics.loss.max >= 100", "abcd"),
        ("metrics.loss.last = 20", "d"),
        ("config.model.layers IS NOT NULL and config.depth > 5", "cd"),
    ],
)
@pytest.mark.usefixtures("four")
def test_a_filter_finds(client: MlflowClient, experiment: str, words: str, names: str) -> None:
    found = client.search_runs([experiment], words, order_by=["attributes.run_name ASC"])
    assert "".join(run.info.run_name for run in found) == names


def test_an_error_points_at_the_place(client: MlflowClient, experiment: str) -> None:
    with refused("INVALID_PARAMETER_VALUE", "(?s)metrics.loss >< 3.*\\^"):
        client.search_runs([experiment], "metrics.loss >< 3")


@pytest.mark.parametrize(
    "words", ["status = 'FINISHED' and", "metrics.loss = 1 or", "((metrics.a = 1)", "a" * 20_000]
)
def test_half_a_filter_is_refused(client: MlflowClient, experiment: str, words: str) -> None:
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_runs([experiment], words)


def test_a_text_for_a_metric_of_a_model_is_the_users_mistake(client: MlflowClient, experiment: str) -> None:
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_logged_models([experiment], "metrics.acc = 'text'")
