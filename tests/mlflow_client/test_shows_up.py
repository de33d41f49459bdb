"""What the client wrote is on the pages, in MongoDB's body, in the admin and on the leaderboards."""

import re
import time
from typing import Any

import mlflow
import pytest
import requests
from mlflow import MlflowClient
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from tests.mlflow_client.people import PASSWORD
from tests.mlflow_client.platform_site import OurSite

pytestmark = pytest.mark.ours
X, Y = load_iris(return_X_y=True, as_frame=True)
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture
def visitor(ours: OurSite) -> requests.Session:
    """Root, logged in on the site."""
    session = requests.Session()
    token = CSRF.search(session.get(f"{ours.url}/login/", timeout=30).text)
    assert token
    fields = {"username": "root", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    answer = session.post(f"{ours.url}/login/", fields, headers={"Referer": f"{ours.url}/login/"}, timeout=30)
    assert answer.ok
    return session


@pytest.fixture
def trained(client: MlflowClient, experiment: str, name: str) -> str:
    """A run as a user's script would write it."""
    model = LogisticRegression(max_iter=300).fit(X, Y)
    with mlflow.start_run(run_name=f"run of {name}") as active:
        mlflow.log_params(
            {"model.layers": "[64, 32]", "model.act": "relu", "lr": 0.1, "opt": '{"name": "adam"}'}
        )
        for step in range(5):
            mlflow.log_metrics({"accuracy": 0.5 + step / 10, "loss": 1 / (step + 1)}, step=step)
        mlflow.log_text("some words", "notes/words.txt")
        mlflow.sklearn.log_model(
            model, name="iris", signature=infer_signature(X, model.predict(X)), registered_model_name=name,
            pip_requirements=["scikit-learn"],
        )  # fmt: skip
    run_id: str = active.info.run_id
    return run_id


def _body(ours: OurSite, run_id: str) -> dict[str, Any]:
    """The run's document, once MongoDB has caught up with the run."""
    deadline = time.monotonic() + 60
    while True:
        store = ours.ask(f"/api/1/runs/{run_id}/complete")["stores"]["mongodb"]
        body: dict[str, Any] = store.get("body") or {}
        if store["state"] == "current" or time.monotonic() > deadline:
            return body
        time.sleep(0.2)


def test_the_body_in_mongodb_nests_params_and_knows_the_model(ours: OurSite, trained: str) -> None:
    body = _body(ours, trained)
    assert body["params"] == {
        "model": {"layers": [64, 32], "act": "relu"}, "lr": 0.1, "opt": {"name": "adam"},
    }  # fmt: skip
    assert body["metrics"] == {"accuracy": 0.9, "loss": 0.2}
    (model,) = body["models"].values()
    assert set(model["flavors"]) == {"python_function", "sklearn"}
    assert "sepal length (cm)" in str(model["signature"])


def test_the_run_page_shows_it(ours: OurSite, visitor: requests.Session, trained: str, name: str) -> None:
    page = visitor.get(f"{ours.url}/runs/{trained}/", timeout=30).text
    for words in (f"run of {name}", "accuracy", "model.layers", "words.txt"):
        assert words in page
    assert f"run of {name}" in visitor.get(f"{ours.url}/runs/", timeout=30).text
    answer = visitor.get(f"{ours.url}/runs/{trained}/artifacts/notes/words.txt", timeout=30)
    assert (answer.status_code, answer.text) == (200, "some words")


def test_the_admin_finds_run_and_model(
    ours: OurSite, visitor: requests.Session, trained: str, name: str
) -> None:
    assert (
        f"run of {name}"
        in visitor.get(f"{ours.url}/admin/registry/trainingrun/?q={trained}", timeout=30).text
    )
    assert name in visitor.get(f"{ours.url}/admin/registry/registeredmodel/?q={name}", timeout=30).text


def test_the_leaderboard_ranks_it(ours: OurSite, trained: str, name: str) -> None:
    assert f"run of {name}" in ours.manage("top_runs", "--experiment", name, "--json")
