import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from registry.models import TrainingRun
from registry.services.artifacts import log_artifact
from tests.factories import ArtifactFactory, RunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> TrainingRun:
    return RunFactory.create()


def address(run: TrainingRun, path: str) -> str:
    return reverse("analysis:run-artifact", args=[run.run_id, path])


def test_a_file_comes_whole_as_a_download(reader: Client, run: TrainingRun) -> None:
    log_artifact(run_id=run.run_id, path="model/ä b.skops", content=b"\x00\x01")
    response = reader.get(address(run, "model/ä b.skops"))
    assert isinstance(response, StreamingHttpResponse)
    assert response.getvalue() == b"\x00\x01"
    assert response["Content-Length"] == "2"
    assert response["Content-Type"] == "application/x-skops"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''%C3%A4%20b.skops"


def test_html_that_someone_logged_runs_nothing(reader: Client, run: TrainingRun) -> None:
    log_artifact(run_id=run.run_id, path="page.html", content=b"<script>alert(1)</script>")
    response = reader.get(address(run, "page.html"))
    assert response.getvalue() == b"<script>alert(1)</script>"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_did_not_change_is_not_sent_again(reader: Client, run: TrainingRun) -> None:
    log_artifact(run_id=run.run_id, path="a.txt", content=b"x")
    whole = reader.get(address(run, "a.txt"))
    assert whole.getvalue() == b"x"
    etag = whole["ETag"]
    assert reader.get(address(run, "a.txt"), headers={"If-None-Match": etag}).status_code == 304
    log_artifact(run_id=run.run_id, path="a.txt", content=b"y")
    changed = reader.get(address(run, "a.txt"), headers={"If-None-Match": etag})
    assert (changed.status_code, changed.getvalue()) == (200, b"y")


@pytest.mark.parametrize("path", ["nothing.txt", "../../etc/passwd", "%2e%2e/secret", "a%00"])
def test_a_path_that_the_run_does_not_have_is_not_found(reader: Client, run: TrainingRun, path: str) -> None:
    assert reader.get(f"/runs/{run.run_id}/artifacts/{path}").status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_not_found(reader: Client, run: TrainingRun) -> None:
    ArtifactFactory(run=run, path="lost.txt")
    assert reader.get(address(run, "lost.txt")).status_code == 404
