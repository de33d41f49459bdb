"""Files through the proxy: stored, listed, sent, deleted."""

from pathlib import Path
from typing import Any

import pytest
from django.http.response import HttpResponseBase

from registry.enums import Lifecycle
from registry.exceptions import NotFoundError
from registry.models import Artifact, AuditEntry, Experiment, LoggedModel, TrainingRun
from registry.services.artifacts import delete_artifacts, log_owned_artifact
from tests.factories import LoggedModelFactory, ModelVersionFactory, RunFactory

from .conftest import Mlflow

PROXY = "/api/2.0/mlflow-artifacts/artifacts"


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Any) -> Path:
    settings.ARTIFACT_ROOT = tmp_path / "artifacts"
    return tmp_path / "artifacts"


@pytest.fixture
def logged_model(run: TrainingRun) -> LoggedModel:
    return LoggedModelFactory.create(source_run=run)


def place(owner: TrainingRun | LoggedModel) -> str:
    experiment = owner.experiment.experiment_id
    inner = owner.run_id if isinstance(owner, TrainingRun) else f"models/m-{owner.model_id}"
    return f"{experiment}/{inner}/artifacts"


def put(mlflow: Mlflow, owner: TrainingRun | LoggedModel, path: str, content: bytes = b"any") -> None:
    answer = mlflow.ask("PUT", f"{PROXY}/{place(owner)}/{path}", content)
    assert (answer.status_code, answer.content) == (200, b"{}")


def fetch(mlflow: Mlflow, owner: TrainingRun | LoggedModel, path: str) -> tuple[int, bytes]:
    answer = mlflow.ask("GET", f"{PROXY}/{place(owner)}/{path}")
    return answer.status_code, body(answer)


def body(answer: HttpResponseBase | Any) -> bytes:
    return bytes(answer.getvalue() if answer.streaming else answer.content)


def listed(mlflow: Mlflow, address: str, **fields: str) -> Any:
    answer = mlflow.ask("GET", address, fields)
    assert answer.status_code == 200
    return answer.json()


def names(mlflow: Mlflow, owner: TrainingRun | LoggedModel, folder: str = "") -> list[str]:
    files = listed(mlflow, PROXY, path=f"{place(owner)}{folder}").get("files", [])
    return [file["path"] + ("/" if file["is_dir"] else "") for file in files]


def test_a_file_comes_back_as_it_went(mlflow: Mlflow, run: TrainingRun, logged_model: LoggedModel) -> None:
    for owner in (run, logged_model):
        put(mlflow, owner, "plots/ä b+1%25.png", b"\x89PNG" + bytes(range(256)))
        assert fetch(mlflow, owner, "plots/ä b+1%25.png") == (200, b"\x89PNG" + bytes(range(256)))
    assert {artifact.path for artifact in Artifact.objects.all()} == {"plots/ä b+1%.png"}
    assert Artifact.objects.get(run=run).media_type == "image/png"


def test_an_empty_file_and_new_content_under_the_same_path(mlflow: Mlflow, run: TrainingRun) -> None:
    log_owned_artifact(owner=run, path="a.txt", content=b"old")
    put(mlflow, run, "a.txt", b"newer")
    log_owned_artifact(owner=run, path="empty", content=b"")
    assert fetch(mlflow, run, "a.txt") == (200, b"newer")
    assert fetch(mlflow, run, "empty") == (200, b"")
    assert Artifact.objects.count() == 2


def test_folders_are_listed_as_mlflow_lists_them(mlflow: Mlflow, run: TrainingRun) -> None:
    for path in ("d/x.txt", "d/e/f.txt", "top.txt", "dd"):
        put(mlflow, run, path)
    log_owned_artifact(owner=run, path="d/nothing", content=b"")
    assert listed(mlflow, PROXY, path=f"{place(run)}/d") == {
        "files": [
            {"path": "e", "is_dir": True},
            {"path": "nothing", "is_dir": False},
            {"path": "x.txt", "is_dir": False, "file_size": 3},
        ]
    }
    assert names(mlflow, run) == ["d/", "dd", "top.txt"]
    assert names(mlflow, run, "/d/") == ["e/", "nothing", "x.txt"]
    assert names(mlflow, run, "/d/x.txt") == names(mlflow, run, "/none") == []


def test_a_runs_and_a_models_lists_say_where_their_files_are(
    mlflow: Mlflow, run: TrainingRun, logged_model: LoggedModel
) -> None:
    for owner in (run, logged_model):
        put(mlflow, owner, "d/x.txt")
    files = [{"path": "d/x.txt", "is_dir": False, "file_size": 3}]
    assert listed(mlflow, "artifacts/list", run_id=run.run_id, path="d") == {
        "root_uri": f"mlflow-artifacts:/{place(run)}",
        "files": files,
    }
    directories = f"logged-models/m-{logged_model.model_id}/artifacts/directories"
    assert listed(mlflow, directories, artifact_directory_path="d") == {
        "root_uri": f"mlflow-artifacts:/{place(logged_model)}",
        "files": files,
    }
    assert "files" not in listed(mlflow, "artifacts/list", run_uuid=run.run_id, path="d/x.txt")


def test_the_default_experiments_files_lie_under_0(mlflow: Mlflow) -> None:
    default = Experiment.objects.filter(experiment_id="0" * 32).first() or Experiment.objects.create(
        experiment_id="0" * 32, name="Default"
    )
    Experiment.objects.filter(pk=default.pk).update(created_by=mlflow.user)
    run = RunFactory.create(experiment=default)
    mlflow.ask("PUT", f"{PROXY}/0/{run.run_id}/artifacts/a", b"any")
    assert body(mlflow.ask("GET", f"{PROXY}/0/{run.run_id}/artifacts/a")) == b"any"
    assert mlflow.ask("GET", f"{PROXY}/{'0' * 32}/{run.run_id}/artifacts/a").status_code == 404


def test_a_range_is_sent_alone(mlflow: Mlflow, run: TrainingRun) -> None:
    put(mlflow, run, "a", b"0123456789")

    def part(wanted: str) -> tuple[int, bytes, str]:
        from django.test import Client  # noqa: PLC0415

        headers = {"Authorization": f"Bearer {mlflow.token}", "Range": wanted}
        answer: Any = Client().get(f"{PROXY}/{place(run)}/a", headers=headers)
        return answer.status_code, body(answer), answer.headers.get("Content-Range", "")

    assert part("bytes=2-4") == (206, b"234", "bytes 2-4/10")
    assert part("bytes=8-99") == (206, b"89", "bytes 8-9/10")
    assert part("bytes=9-") == (206, b"9", "bytes 9-9/10")
    for whole in ("bytes=10-", "bytes=4-2", "bytes=-3", "bytes=0-1,3-4", "lines=1-2"):
        assert part(whole) == (200, b"0123456789", "")


def test_deleting_takes_a_file_a_folder_or_all_and_is_repeatable(mlflow: Mlflow, run: TrainingRun) -> None:
    for path in ("a", "d/1", "d/2", "dd/3"):
        put(mlflow, run, path)
    for gone in ("a", "d", "d", "none"):
        assert mlflow.delete(f"{PROXY}/{place(run)}/{gone}") == {}
    assert names(mlflow, run) == ["dd/"]
    mlflow.delete(f"{PROXY}/{place(run)}/")
    assert names(mlflow, run) == []
    audited = AuditEntry.objects.filter(action="artifact.delete").values_list("subject_id", "details")
    assert list(audited.order_by("pk")) == [
        (run.run_id, {"path": "a", "files": 1}),
        (run.run_id, {"path": "d", "files": 2}),
        (run.run_id, {"path": "", "files": 1}),
    ]


@pytest.mark.django_db(transaction=True)
def test_deleted_bytes_leave_the_disk_unless_another_file_has_them(
    mlflow: Mlflow, mongo: None, run: TrainingRun, root: Path
) -> None:
    put(mlflow, run, "a", b"same")
    put(mlflow, run, "b", b"same")
    put(mlflow, run, "c", b"other")
    mlflow.delete(f"{PROXY}/{place(run)}/a")
    mlflow.delete(f"{PROXY}/{place(run)}/c")
    assert [file.read_bytes() for file in root.rglob("*") if file.is_file()] == [b"same"]


def test_files_that_a_registered_version_is_made_of_stay(mlflow: Mlflow, run: TrainingRun) -> None:
    put(mlflow, run, "model/MLmodel")
    put(mlflow, run, "other")
    ModelVersionFactory.create(run=run, artifact_path="model")
    for path in ("model", "model/MLmodel", ""):
        status, code, message = mlflow.refused("DELETE", f"{PROXY}/{place(run)}/{path}")
        assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
        assert "is made of these files" in message
    mlflow.delete(f"{PROXY}/{place(run)}/other")
    assert names(mlflow, run) == ["model/"]


def test_what_is_not_there_is_told_in_mlflows_words(mlflow: Mlflow, run: TrainingRun) -> None:
    put(mlflow, run, "d/x")
    path = f"{place(run)}/none"
    assert mlflow.refused("GET", f"{PROXY}/{path}") == (
        404,
        "RESOURCE_DOES_NOT_EXIST",
        f"No such artifact: '{path}'",
    )
    assert mlflow.refused("GET", f"{PROXY}/{place(run)}/d")[::2] == (
        400,
        f"Artifact path refers to a directory, not a file: '{place(run)}/d'",
    )


def test_a_file_is_no_folder_and_a_folder_no_file(mlflow: Mlflow, run: TrainingRun) -> None:
    put(mlflow, run, "a/b")
    for path in ("a", "a/b/c", "a/b/c/d"):
        assert mlflow.refused("PUT", f"{PROXY}/{place(run)}/{path}", b"any")[0] == 400
    for path in ("", "a/"):
        assert mlflow.refused("PUT", f"{PROXY}/{place(run)}/{path}", b"any")[0] == 400
    assert names(mlflow, run) == ["a/"]


def test_a_deleted_run_or_model_takes_no_files(
    mlflow: Mlflow, run: TrainingRun, logged_model: LoggedModel, root: Path
) -> None:
    for owner in (run, logged_model):
        put(mlflow, owner, "a")
        kind: Any = type(owner)
        kind.objects.filter(pk=owner.pk).update(
            lifecycle=Lifecycle.DELETED, deleted_at=owner.experiment.created_at
        )
        for method in ("PUT", "DELETE"):
            assert mlflow.refused(method, f"{PROXY}/{place(owner)}/a", b"new")[0] == 400
        assert fetch(mlflow, owner, "a") == (200, b"any")
    assert list((root / "tmp").iterdir()) == []


def test_a_model_that_is_gone_takes_no_files(logged_model: LoggedModel) -> None:
    LoggedModel.objects.filter(pk=logged_model.pk).delete()
    with pytest.raises(NotFoundError):
        delete_artifacts(owner=logged_model)
