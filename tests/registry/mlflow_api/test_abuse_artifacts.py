"""Abuse cases of the proxy: A1 to A4, A7 to A12, A14, A15, A40, A42; and files of other people's experiments.

Refusals change nothing and leave no temporary file. tests/resilience/test_uploads.py asks the real server.
"""

import io
import pickle
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.test import Client

from registry.artifacts import storage
from registry.models import Artifact, Experiment, TrainingRun
from registry.services.artifacts import log_owned_artifact
from registry.services.permissions import grant_permission
from tests.factories import ExperimentFactory, RunFactory, UserFactory
from tests.routes.world import fingerprint

from .conftest import Mlflow

PROXY = "/api/2.0/mlflow-artifacts/artifacts"
MPU = "/api/2.0/mlflow-artifacts/mpu/create"
CLIMBING = [
    "../../x", "..%2f..%2fx", "%252e%252e%252fx", "%25252e%25252e/x", "..%5cx", "a/..%5c..%5cx",
    "%c0%ae%c0%ae/x", "..;/x", "a/../../b", "./a", "a/.", "a//b", "..",
]  # fmt: skip
ELSEWHERE = ["/etc/passwd", "C:%5cx", "C:/x", "file:/etc/passwd", "%5c%5chost%5cx", "~/x"]
HIDING = [
    "a%00b",
    "a%0ab",
    "a%0d%0aX: y",
    "%0a",
    "x" * 300,
    "a%E2%80%8Fb",
    "a%E2%80%AEb",
    "%ff",
    "x/" * 300 + "x",
]


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Any) -> Path:
    settings.ARTIFACT_ROOT = tmp_path / "artifacts"
    return tmp_path / "artifacts"


@pytest.fixture
def place(run: TrainingRun) -> str:
    log_owned_artifact(owner=run, path="there/file.txt", content=b"any")
    return f"{run.experiment.experiment_id}/{run.run_id}/artifacts"


@pytest.fixture
def nothing_changes(place: str, root: Path) -> Iterator[None]:
    def state() -> Any:
        return fingerprint(), sorted(root.rglob("*"))

    before = state()
    yield
    assert state() == before


def refused(mlflow: Mlflow, method: str, address: str, *statuses: int, fields: Any = None) -> None:
    status, code, message = mlflow.refused(method, address, fields)
    assert status in (statuses or (400,)), (status, message)
    assert code in ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST", "ENDPOINT_NOT_FOUND")
    assert "Traceback" not in message


def refused_by_all(mlflow: Mlflow, address: str, *statuses: int) -> None:
    for method in ("PUT", "GET", "DELETE"):
        refused(mlflow, method, address, *statuses, fields=b"any" if method == "PUT" else None)


def stored(run: TrainingRun, path: str) -> bytes:
    artifact = Artifact.objects.get(run=run, path=path)
    return b"".join(storage.read(artifact.sha256, size_bytes=artifact.size_bytes))


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("paths", [CLIMBING, ELSEWHERE, HIDING], ids=["climbing", "elsewhere", "hiding"])
def test_a_path_that_climbs_or_hides_is_refused_by_every_method(
    mlflow: Mlflow, run: TrainingRun, place: str, paths: list[str]
) -> None:
    for path in paths:
        refused_by_all(mlflow, f"{PROXY}/{place}/{path}")
        refused(mlflow, "POST", f"{MPU}/{place}/{path}", fields={"path": "x", "num_parts": 1})
        asked = unquote(path, errors="replace")
        refused(mlflow, "GET", PROXY, fields={"path": f"{place}/{asked}"})
        refused(mlflow, "GET", "artifacts/list", fields={"run_id": run.run_id, "path": asked})


@pytest.mark.usefixtures("nothing_changes")
def test_a_path_beside_all_runs_is_refused(mlflow: Mlflow) -> None:
    for path in ("../x", "%2e%2e/x", "/etc/passwd", "a%00", "..%252f..", "%0a"):
        refused_by_all(mlflow, f"{PROXY}/{path}")


@pytest.mark.usefixtures("nothing_changes")
def test_a_path_that_is_no_runs_leads_nowhere(mlflow: Mlflow, run: TrainingRun, place: str) -> None:
    experiment = run.experiment.experiment_id
    for spoiled in (
        place.replace("artifacts", "other"),
        f"{experiment}/{run.run_id}",
        place.upper(),
        f"workspaces/x/{place}",
        f"0/{run.run_id}/artifacts",
        f"{experiment}/traces/tr-1/artifacts",
        f"{experiment}/models/m-{'0' * 32}/artifacts",
        f"{experiment}/{'0' * 32}/artifacts",
        f"{experiment}/{'x' * 200}/artifacts",
        f"{experiment}/' OR 1=1--/artifacts",
    ):
        refused_by_all(mlflow, f"{PROXY}/{quote(spoiled)}/there/file.txt", 404)


@pytest.mark.usefixtures("nothing_changes")
def test_a_run_id_that_is_none_is_not_found(mlflow: Mlflow) -> None:
    for run_id in ("x", "0" * 32, "A" * 32, "x" * 10_000, "\0", "../..", "' OR 1=1--"):
        refused(mlflow, "GET", "artifacts/list", 400, 404, fields={"run_id": run_id})
        address = f"logged-models/{quote('m-' + run_id, safe='')}/artifacts/directories"
        refused(mlflow, "GET", address, 400, 404)


def test_another_experiment_in_the_path_opens_nothing(mlflow: Mlflow, experiment: Experiment) -> None:
    """Who may edit one experiment reaches no run of another through it."""
    foreign = ExperimentFactory.create(created_by=UserFactory.create())
    grant_permission(experiment=foreign, user=mlflow.user, level="NO_PERMISSIONS", by=None)
    hidden = RunFactory.create(experiment=foreign)
    log_owned_artifact(owner=hidden, path="secret", content=b"secret")
    before = fingerprint()
    for outer in (experiment.experiment_id, foreign.experiment_id):
        refused_by_all(mlflow, f"{PROXY}/{outer}/{hidden.run_id}/artifacts/secret", 404)
        refused(mlflow, "GET", PROXY, 404, fields={"path": f"{outer}/{hidden.run_id}/artifacts"})
        fields = {"path": "x", "num_parts": 1}
        refused(mlflow, "POST", f"{MPU}/{outer}/{hidden.run_id}/artifacts", 404, fields=fields)
    refused(mlflow, "GET", "artifacts/list", 404, fields={"run_id": hidden.run_id})
    assert fingerprint() == before


def test_archives_are_kept_as_they_are(mlflow: Mlflow, run: TrainingRun, place: str, root: Path) -> None:
    """Nothing is unpacked: no link is followed, nothing climbs out, and a bomb costs its own bytes."""
    slip, bomb, links = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(slip, "w") as archive:
        archive.writestr("../../../slipped", b"x")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 30 * 1024**2)
    with tarfile.open(fileobj=links, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    before = {path for path in root.rglob("*") if path.is_file()}
    sent = {"slip.zip": slip.getvalue(), "bomb.zip": bomb.getvalue(), "links.tar": links.getvalue()}
    for name, content in sent.items():
        assert mlflow.ask("PUT", f"{PROXY}/{place}/{name}", content).status_code == 200
        assert stored(run, name) == content
    after = {path for path in root.rglob("*") if path.is_file()} - before
    assert sorted(path.stat().st_size for path in after) == sorted(len(content) for content in sent.values())
    assert not list(root.parent.rglob("slipped"))


class Touches:
    """Loading this writes a file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (Path(self.path),)


@pytest.mark.parametrize(
    "name", ["model.pkl", "model/model.joblib", "x.pt", "x.npy", "MLmodel", "conda.yaml"]
)
def test_a_pickle_is_kept_and_never_loaded(
    mlflow: Mlflow, run: TrainingRun, place: str, tmp_path: Path, name: str
) -> None:
    touched = tmp_path / "touched"
    content = pickle.dumps(Touches(str(touched)))
    if name.endswith("yaml"):
        content = f"!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{touched}']]".encode()
    assert mlflow.ask("PUT", f"{PROXY}/{place}/{name}", content).status_code == 200
    mlflow.ask("GET", "artifacts/list", {"run_id": run.run_id})
    got: Any = mlflow.ask("GET", f"{PROXY}/{place}/{name}")
    assert got.getvalue() == content == stored(run, name)
    assert not touched.exists()


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"CONTENT_LENGTH": ""}, 400),
        ({"CONTENT_LENGTH": "-1"}, 400),
        ({"CONTENT_LENGTH": "1e3"}, 400),
        ({"CONTENT_LENGTH": "9" * 30}, 413),
        ({"HTTP_CONTENT_ENCODING": "gzip"}, 415),
        ({"HTTP_CONTENT_ENCODING": "zstd"}, 415),
        ({"HTTP_TRANSFER_ENCODING": "gzip, chunked", "CONTENT_LENGTH": ""}, 400),
        # a server that does not say that it ends chunked bodies
        ({"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}, 400),
    ],
)
def test_a_body_that_is_not_what_it_says_is_refused(
    mlflow: Mlflow, place: str, headers: dict[str, str], status: int
) -> None:
    answer = put(mlflow, f"{PROXY}/{place}/a", b"any", **headers)
    assert answer.status_code == status, answer.content


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("sent", ["whole", "in chunks"])
def test_a_file_over_the_limit_is_refused(mlflow: Mlflow, place: str, settings: Any, sent: str) -> None:
    settings.ARTIFACT_MAX_MB = 1
    content = b"x" * (1024**2 + 1)
    answer = put(mlflow, f"{PROXY}/{place}/a", content, **(chunked(content) if sent == "in chunks" else {}))
    assert answer.status_code == 413
    assert answer.json()["error_code"] == "INVALID_PARAMETER_VALUE"


def test_a_file_up_to_the_limit_is_taken_in_chunks(
    mlflow: Mlflow, run: TrainingRun, place: str, settings: Any
) -> None:
    settings.ARTIFACT_MAX_MB = 1
    content = b"x" * 1024**2
    assert put(mlflow, f"{PROXY}/{place}/a", content, **chunked(content)).status_code == 200
    assert len(stored(run, "a")) == 1024**2


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "<script>.html", 'a"b.html', "ä.html"])
def test_what_a_browser_could_run_is_sent_as_a_download_in_a_sandbox(
    mlflow: Mlflow, place: str, name: str
) -> None:
    content = b"<script>alert(1)</script>"
    assert mlflow.ask("PUT", f"{PROXY}/{place}/{quote(name)}", content).status_code == 200
    got = mlflow.ask("GET", f"{PROXY}/{place}/{quote(name)}")
    assert got.getvalue() == content
    assert got["Content-Disposition"].startswith("attachment")
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Content-Security-Policy"] == "sandbox; default-src 'none'"


def put(mlflow: Mlflow, path: str, content: bytes, **headers: Any) -> Any:
    """With headers as WSGI has them."""
    return Client(raise_request_exception=False).generic(
        "PUT", path, content, headers={"Authorization": f"Bearer {mlflow.token}"}, **headers
    )


def chunked(content: bytes) -> dict[str, Any]:
    """What a server says of a body in chunks."""
    return {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "CONTENT_LENGTH": "",
        "wsgi.input": io.BytesIO(content),
        "wsgi.input_terminated": True,
    }
