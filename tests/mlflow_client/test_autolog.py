"""Autologging: training code that does not mention the platform."""

from collections.abc import Iterator

import mlflow
import pytest
import sklearn.metrics
from mlflow import MlflowClient
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

X, Y = load_iris(return_X_y=True, as_frame=True)


@pytest.fixture
def _ends() -> Iterator[None]:
    """A process once put under autologging stays so; the next test wants none."""
    yield
    mlflow.autolog(disable=True)


@pytest.mark.usefixtures("_ends")
def test_scikit_learn_logs_params_metrics_data_and_model(client: MlflowClient, experiment: str) -> None:
    mlflow.sklearn.autolog()
    model = LogisticRegression(C=0.5, max_iter=300).fit(X, Y)
    seen = X  # autologging calls the metric after the variable
    sklearn.metrics.accuracy_score(Y, model.predict(seen))  # looked up after autologging replaced it
    (run,) = client.search_runs([experiment])
    assert (run.info.status, run.data.params["C"], run.data.params["max_iter"]) == ("FINISHED", "0.5", "300")
    assert run.data.metrics["training_accuracy_score"] == pytest.approx(model.score(X, Y))
    assert run.data.metrics["accuracy_score_seen"] == pytest.approx(model.score(X, Y))
    assert run.data.tags["estimator_name"] == "LogisticRegression"
    contexts = [tag.value for each in run.inputs.dataset_inputs for tag in each.tags]
    assert contexts == ["train"]
    (output,) = run.outputs.model_outputs
    assert (
        mlflow.sklearn.load_model(f"models:/{output.model_id}").predict(X).tolist()
        == model.predict(X).tolist()
    )
    assert "training_confusion_matrix.png" in [each.path for each in client.list_artifacts(run.info.run_id)]


@pytest.mark.usefixtures("_ends")
def test_a_grid_search_logs_a_run_with_children(client: MlflowClient, experiment: str) -> None:
    mlflow.sklearn.autolog(log_models=False, log_datasets=False, max_tuning_runs=3)
    with mlflow.start_run() as parent:
        GridSearchCV(LogisticRegression(max_iter=300), {"C": [0.1, 1.0, 10.0]}, cv=2).fit(X, Y)
    children = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert sorted(child.data.params["C"] for child in children) == ["0.1", "1.0", "10.0"]
    best = client.get_run(parent.info.run_id).data
    assert best.params["best_C"] in {"0.1", "1.0", "10.0"}
    assert best.metrics["best_cv_score"] == max(child.data.metrics["mean_test_score"] for child in children)


@pytest.mark.usefixtures("_ends")
def test_lightgbm_logs_each_iteration(client: MlflowClient, experiment: str) -> None:
    try:
        import lightgbm  # noqa: PLC0415
    except OSError as error:  # its wheel wants the system's OpenMP
        pytest.skip(f"{error}: apt install libgomp1")
    mlflow.lightgbm.autolog()
    data = lightgbm.Dataset(X, Y)
    params = {
        "objective": "multiclass",
        "num_class": 3,
        "num_threads": 1,
        "verbose": -1,
        "metric": "multi_logloss",
    }
    booster = lightgbm.train(params, data, num_boost_round=12, valid_sets=[data], valid_names=["train"])
    (run,) = client.search_runs([experiment])
    history = client.get_metric_history(run.info.run_id, "train-multi_logloss")
    assert [point.step for point in history] == list(range(12))
    assert history[-1].value < history[0].value
    assert (run.data.params["num_boost_round"], run.data.params["objective"]) == ("12", "multiclass")
    assert "feature_importance_gain.json" in [each.path for each in client.list_artifacts(run.info.run_id)]
    (output,) = run.outputs.model_outputs
    loaded = mlflow.lightgbm.load_model(f"models:/{output.model_id}")
    assert loaded.predict(X).tolist() == booster.predict(X).tolist()
