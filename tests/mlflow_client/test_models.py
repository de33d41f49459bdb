"""A model from training to prediction: logged, registered, given an alias, loaded, asked."""

import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

X, Y = load_iris(return_X_y=True, as_frame=True)
NOTHING_MORE = ["scikit-learn"]  # said here, mlflow need not find out by importing the model in a process


@pytest.fixture(scope="module")
def classifier() -> LogisticRegression:
    return LogisticRegression(max_iter=300).fit(X, Y)


def test_a_logged_model_is_registered_loaded_by_alias_and_predicts_the_same(
    client: MlflowClient, experiment: str, name: str, classifier: LogisticRegression
) -> None:
    with mlflow.start_run() as active:
        logged = mlflow.sklearn.log_model(
            classifier, name="iris", signature=infer_signature(X, classifier.predict(X)),
            pip_requirements=NOTHING_MORE, params={"C": 1.0}, tags={"kind": "linear"},
        )  # fmt: skip
    version = mlflow.register_model(logged.model_uri, name)
    client.set_registered_model_alias(name, "champion", version.version)
    expected = classifier.predict(X)
    for uri in (
        f"models:/{name}@champion", f"models:/{name}/1", f"models:/{name}/latest", logged.model_uri,
        f"runs:/{active.info.run_id}/iris",
    ):  # fmt: skip
        assert (uri, np.array_equal(mlflow.pyfunc.load_model(uri).predict(X), expected)) == (uri, True)
    model = mlflow.get_logged_model(logged.model_id)
    assert (model.status.value, model.source_run_id, model.params) == (
        "READY",
        active.info.run_id,
        {"C": "1.0"},
    )
    assert (version.run_id, version.status) == (active.info.run_id, "READY")
    outputs = client.get_run(active.info.run_id).outputs.model_outputs
    assert [output.model_id for output in outputs] == [logged.model_id]
    assert name in model.tags["mlflow.modelVersions"]


def test_logging_may_register_at_once_and_again(
    client: MlflowClient, experiment: str, name: str, classifier: LogisticRegression
) -> None:
    with mlflow.start_run():
        for _ in range(2):
            mlflow.sklearn.log_model(
                classifier, name="iris", registered_model_name=name, pip_requirements=NOTHING_MORE
            )
    assert sorted(v.version for v in client.search_model_versions(f"name='{name}'")) == ["1", "2"]
    loaded = mlflow.sklearn.load_model(f"models:/{name}/2")
    assert np.array_equal(loaded.coef_, classifier.coef_)


def test_a_model_of_a_run_is_registered_by_the_run(
    client: MlflowClient, experiment: str, name: str, classifier: LogisticRegression
) -> None:
    with mlflow.start_run() as active:
        mlflow.sklearn.log_model(classifier, name="iris", pip_requirements=NOTHING_MORE)
    version = mlflow.register_model(f"runs:/{active.info.run_id}/iris", name)
    assert version.run_id == active.info.run_id
    assert client.get_model_version_download_uri(name, "1").startswith("mlflow-artifacts:/")
    assert np.array_equal(mlflow.pyfunc.load_model(f"models:/{name}/1").predict(X), classifier.predict(X))


def test_a_plain_python_model_needs_no_run(experiment: str) -> None:
    class Doubles(mlflow.pyfunc.PythonModel):
        def predict(self, model_input: list[int]) -> list[int]:
            return [2 * each for each in model_input]

    logged = mlflow.pyfunc.log_model(name="doubles", python_model=Doubles(), pip_requirements=["mlflow"])
    assert mlflow.pyfunc.load_model(logged.model_uri).predict([1, 2]) == [2, 4]


def test_the_registered_model_knows_its_signature(
    client: MlflowClient, experiment: str, name: str, classifier: LogisticRegression
) -> None:
    with mlflow.start_run():
        mlflow.sklearn.log_model(
            classifier, name="iris", signature=infer_signature(X, classifier.predict(X)),
            registered_model_name=name, pip_requirements=NOTHING_MORE,
        )  # fmt: skip
    info = mlflow.models.get_model_info(f"models:/{name}/1")
    assert info.signature.inputs.input_names() == list(X.columns)
    assert set(info.flavors) == {"python_function", "sklearn"}
