"""The real client, unmodified, against the site under test."""

import os
import uuid
from collections.abc import Callable, Iterator

CLIENT_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
}
os.environ.update(CLIENT_SETTINGS)  # read when mlflow is imported

import mlflow  # noqa: E402
import pytest  # noqa: E402
from mlflow import MlflowClient  # noqa: E402

from tests.mlflow_client.platform_site import GenuineServer, OurSite, Site, our_site  # noqa: E402


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "MLFLOW_UNDER_TEST_URI" in os.environ:
        for item in items:
            if item.get_closest_marker("ours"):
                item.add_marker(pytest.mark.skip(reason="a genuine mlflow server has no such thing"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The one site of the session, with the client pointed at it as Ada."""
    if genuine := os.environ.get("MLFLOW_UNDER_TEST_URI"):
        mlflow.set_tracking_uri(genuine)
        yield GenuineServer(genuine)
        return
    with our_site(tmp_path_factory.mktemp("mlflow")) as site:
        os.environ["MLFLOW_TRACKING_URI"] = site.url
        os.environ["MLFLOW_TRACKING_TOKEN"] = site.tokens["ada"]
        mlflow.set_tracking_uri(site.url)
        yield site


@pytest.fixture
def ours(site: Site) -> OurSite:
    assert isinstance(site, OurSite)
    return site


@pytest.fixture
def client(site: Site) -> MlflowClient:
    return MlflowClient()


@pytest.fixture
def name() -> str:
    """One that nobody has used before."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def experiment(client: MlflowClient, name: str) -> Iterator[str]:
    """The id of a fresh experiment, where the fluent calls of this test go, too."""
    experiment_id: str = mlflow.set_experiment(name).experiment_id
    yield experiment_id
    while mlflow.active_run():
        mlflow.end_run()


@pytest.fixture
def run(client: MlflowClient, experiment: str) -> str:
    """The id of a fresh run."""
    run_id: str = client.create_run(experiment).info.run_id
    return run_id


@pytest.fixture
def as_user(ours: OurSite, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The client reads its token before each request: from here on it is that user's."""

    def become(user: str) -> None:
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", ours.tokens[user])

    return become
