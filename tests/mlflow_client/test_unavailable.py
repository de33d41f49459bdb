"""The site away for a while: the client waits, and nothing is lost or doubled."""

import os
import subprocess
import sys
import threading
import time

import mlflow
import pytest
from mlflow import MlflowClient

from tests.mlflow_client.platform_site import OurSite

pytestmark = pytest.mark.ours
AWAY_SECONDS = 3
WRITER = """
import sys
from mlflow import MlflowClient
client, run_id = MlflowClient(), sys.argv[1]
for step in range(int(sys.argv[2])):
    client.log_metric(run_id, "loss", step, step=step, timestamp=step)
    print(step, flush=True)
"""


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own settings: it asks again seven times."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "7")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "1")


@pytest.mark.usefixtures("patient")
def test_a_call_while_the_site_is_away_succeeds_when_it_is_back(
    ours: OurSite, client: MlflowClient, run: str
) -> None:
    ours.stop()
    back = threading.Timer(AWAY_SECONDS, ours.start)
    back.start()
    began = time.monotonic()
    client.log_metric(run, "loss", 0.5, step=1)
    assert time.monotonic() - began >= AWAY_SECONDS
    back.join()
    assert [point.value for point in client.get_metric_history(run, "loss")] == [0.5]


@pytest.mark.usefixtures("patient")
def test_a_training_goes_on_through_a_restart_of_the_site(
    ours: OurSite, client: MlflowClient, run: str
) -> None:
    environment = {**os.environ, "MLFLOW_TRACKING_URI": mlflow.get_tracking_uri()}
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, run, "150"], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout
    assert writer.stdout.readline() == "0\n"
    ours.stop()
    ours.start()
    writer.communicate(timeout=100)
    assert writer.returncode == 0
    history = client.get_metric_history(run, "loss")
    assert [point.step for point in history] == list(range(150))
