"""Large files that come in parts."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from registry.artifacts import storage
from registry.models import Artifact, TrainingRun
from registry.services.api_tokens import revoke_token
from registry.services.permissions import grant_permission
from tests.factories import RunFactory, UserFactory
from tests.routes.world import basic

from .conftest import Mlflow

MPU = "/api/2.0/mlflow-artifacts/mpu"
PARTS = [b"a" * 1_000, b"b" * 1_000, b"c" * 7]


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Any) -> Path:
    settings.ARTIFACT_ROOT = tmp_path / "artifacts"
    return tmp_path / "artifacts"


@pytest.fixture
def folder(run: TrainingRun) -> str:
    return f"{run.experiment.experiment_id}/{run.run_id}/artifacts/deep"


def begin(mlflow: Mlflow, folder: str, num_parts: int = 3) -> Any:
    answer = mlflow.ask(
        "POST", f"{MPU}/create/{folder}", {"path": "/home/ada/big.bin", "num_parts": num_parts}
    )
    assert answer.status_code == 200, answer.content
    return answer.json()


def send(credential: Any, content: bytes, **headers: str) -> Any:
    """As the client does: with nothing but the headers that it was given."""
    path = urlsplit(credential["url"]).path
    headers = credential["headers"] | headers
    return Client(raise_request_exception=False).generic("PUT", path, content, headers=headers)


def part(credential: Any, etag: str) -> dict[str, Any]:
    return {"part_number": credential["part_number"], "etag": etag, "url": credential["url"]}


def send_all(begun: Any) -> list[dict[str, Any]]:
    pairs = zip(begun["credentials"], PARTS, strict=True)
    return [part(credential, send(credential, content)["ETag"]) for credential, content in pairs]


def end(mlflow: Mlflow, folder: str, begun: Any, parts: Any, path: str = "big.bin") -> tuple[int, str]:
    fields = {"path": path, "upload_id": begun["upload_id"], "parts": parts}
    answer = mlflow.ask("POST", f"{MPU}/complete/{folder}", fields)
    return answer.status_code, answer.json().get("message", "")


def temporary(root: Path) -> list[str]:
    """Temporary files with something in them."""
    return [path.name for path in (root / "tmp").iterdir() if path.stat().st_size]


def test_a_file_in_parts_is_one_file_in_the_end(
    mlflow: Mlflow, run: TrainingRun, folder: str, root: Path
) -> None:
    begun = begin(mlflow, folder)
    assert [each["part_number"] for each in begun["credentials"]] == [1, 2, 3]
    assert all(each["url"].startswith("http://testserver/api/") for each in begun["credentials"])
    parts = send_all(begun)
    assert Artifact.objects.count() == 0
    assert end(mlflow, folder, begun, parts, "C:\\files\\big.bin") == (200, "")
    artifact = Artifact.objects.get(run=run, path="deep/big.bin")
    assert b"".join(storage.read(artifact.sha256, size_bytes=2_007)) == b"".join(PARTS)
    assert temporary(root) == []


def test_the_end_may_be_asked_for_again(mlflow: Mlflow, folder: str) -> None:
    begun = begin(mlflow, folder)
    parts = send_all(begun)
    assert [end(mlflow, folder, begun, parts)[0] for _ in range(2)] == [200, 200]
    fields = {"path": "big.bin", "upload_id": begun["upload_id"]}
    assert mlflow.ask("POST", f"{MPU}/abort/{folder}", fields).status_code == 200
    assert end(mlflow, folder, begun, parts)[0] == 200
    Artifact.objects.all().delete()
    assert end(mlflow, folder, begun, parts)[0] == 400


def test_a_part_that_is_sent_again_takes_the_place_of_the_first(
    mlflow: Mlflow, folder: str, root: Path
) -> None:
    begun = begin(mlflow, folder)
    first = send_all(begun)
    again = part(begun["credentials"][1], send(begun["credentials"][1], b"new")["ETag"])
    assert len(temporary(root)) == 3
    assert end(mlflow, folder, begun, first)[0] == 400
    assert end(mlflow, folder, begun, [first[0], again, first[2]])[0] == 200
    assert Artifact.objects.get().size_bytes == 1_010


def test_an_empty_file_has_no_parts(mlflow: Mlflow, folder: str) -> None:
    begun = begin(mlflow, folder, 0)
    assert end(mlflow, folder, begun, [])[0] == 200
    assert Artifact.objects.get().size_bytes == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: parts[:2],
        lambda parts: parts[::-1],
        lambda parts: [*parts, parts[0]],
        lambda parts: [*parts[:2], parts[2] | {"etag": parts[0]["etag"]}],
        lambda parts: [*parts[:2], parts[2] | {"etag": "../../../etc/passwd"}],
        lambda parts: [*parts[:2], parts[2] | {"etag": ""}],
        lambda parts: [*parts[:2], parts[2] | {"part_number": "x"}],
        lambda _: None,
        lambda _: [],
        lambda _: ["x"],
    ],
)
def test_parts_that_are_not_all_there_make_no_file(
    mlflow: Mlflow, folder: str, spoil: Callable[[Any], Any]
) -> None:
    begun = begin(mlflow, folder)
    parts = send_all(begun)
    assert end(mlflow, folder, begun, spoil(parts))[0] == 400
    assert Artifact.objects.count() == 0
    assert end(mlflow, folder, begun, parts)[0] == 200


def test_a_damaged_part_is_found_out(mlflow: Mlflow, folder: str, root: Path) -> None:
    begun = begin(mlflow, folder)
    parts = send_all(begun)
    damaged = next(path for path in (root / "tmp").iterdir() if ".2." in path.name)
    damaged.write_bytes(b"x" * 1_000)
    status, message = end(mlflow, folder, begun, parts)
    assert (status, Artifact.objects.count()) == (503, 0)
    assert "damaged" in message


def test_an_aborted_upload_leaves_nothing(mlflow: Mlflow, folder: str, root: Path) -> None:
    begun = begin(mlflow, folder)
    send_all(begun)
    fields = {"path": "big.bin", "upload_id": begun["upload_id"]}
    for _ in range(2):
        assert mlflow.ask("POST", f"{MPU}/abort/{folder}", fields).status_code == 200
    assert list((root / "tmp").iterdir()) == []


def test_what_a_crash_leaves_is_swept(mlflow: Mlflow, folder: str, root: Path) -> None:
    send_all(begin(mlflow, folder))
    for path in (root / "tmp").iterdir():
        os.utime(path, (time.time() - storage.KEEP_UNUSED_SECONDS - 60,) * 2)
    assert storage.sweep_temporary() == 3


def test_parts_together_have_the_limit_of_a_file(
    mlflow: Mlflow, folder: str, settings: Any, root: Path
) -> None:
    settings.ARTIFACT_MAX_MB = 1
    begun = begin(mlflow, folder)
    assert send(begun["credentials"][0], b"x" * 1024**2).status_code == 200
    assert send(begun["credentials"][0], b"y" * 1024**2).status_code == 200
    assert send(begun["credentials"][1], b"x").status_code == 413
    assert send(begun["credentials"][1], b"x" * (1024**2 + 1)).status_code == 413
    assert len(temporary(root)) == 1


def test_credentials_for_parts_open_their_upload_alone(mlflow: Mlflow, folder: str, root: Path) -> None:
    one, other = begin(mlflow, folder), begin(mlflow, folder)
    stolen = one["credentials"][0] | {"headers": other["credentials"][0]["headers"]}
    assert send(stolen, b"x").status_code == 401
    header = one["credentials"][0]["headers"]
    assert Client().get(f"/api/2.0/mlflow-artifacts/artifacts/{folder}/x", headers=header).status_code == 401
    for wrong in ("", "Upload", "Upload x", "Upload " + "x" * 5_000, header["Authorization"] + "x"):
        assert send(one["credentials"][0], b"x", Authorization=wrong).status_code == 401
    beyond = one["credentials"][0] | {"url": one["credentials"][0]["url"] + "00"}
    assert send(beyond, b"x").status_code == 400
    assert not (root / "tmp").exists()


def test_an_upload_expires(mlflow: Mlflow, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = begin(mlflow, folder)
    later = time.time() + storage.KEEP_UNUSED_SECONDS + 1
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert send(begun["credentials"][0], b"x").status_code == 401
    assert end(mlflow, folder, begun, [])[0] == 404


def test_a_revoked_token_ends_its_uploads(mlflow: Mlflow, folder: str) -> None:
    begun = begin(mlflow, folder)
    revoke_token(token_id=mlflow.user.api_tokens.get().pk)
    assert send(begun["credentials"][0], b"x").status_code == 401


def test_an_upload_that_was_begun_with_a_password_goes_on_with_it(mlflow: Mlflow, folder: str) -> None:
    mlflow.user.set_password("of a test")
    mlflow.user.save()
    headers = {"Authorization": basic(mlflow.user.get_username(), "of a test")}
    fields = {"path": "big.bin", "num_parts": 1}
    begun: Any = Client().post(
        f"{MPU}/create/{folder}", json.dumps(fields), content_type="application/json", headers=headers
    )
    credential = begun.json()["credentials"][0]
    assert send(credential, b"x").status_code == 200
    mlflow.user.is_active = False
    mlflow.user.save()
    assert send(credential, b"x").status_code == 401


def test_who_may_no_longer_edit_sends_no_parts(mlflow: Mlflow, run: TrainingRun, folder: str) -> None:
    begun = begin(mlflow, folder)
    grant_permission(experiment=run.experiment, user=mlflow.user, level="READ", by=None)
    assert send(begun["credentials"][0], b"x").status_code == 403
    assert end(mlflow, folder, begun, [])[0] == 403


def test_an_upload_ends_where_it_was_begun(
    mlflow: Mlflow, run: TrainingRun, folder: str, mlflow_of: Callable[..., Mlflow]
) -> None:
    begun = begin(mlflow, folder)
    parts = send_all(begun)
    elsewhere = RunFactory.create(experiment=run.experiment)
    assert end(mlflow, folder, begun, parts, "other.bin")[0] == 404
    assert end(mlflow, folder.replace(run.run_id, elsewhere.run_id), begun, parts)[0] == 404
    grant_permission(
        experiment=run.experiment, user=(user := UserFactory.create()), level="NO_PERMISSIONS", by=None
    )
    assert end(mlflow_of(user), folder, begun, parts)[0] == 404
    assert Artifact.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"path": ""}, 400),
        ({"path": "x/.."}, 400),
        ({"path": "a\0"}, 400),
        ({"path": "a", "num_parts": 10_001}, 400),
        ({"path": "a", "num_parts": -1}, 400),
        ({"path": "a", "num_parts": 2**64}, 400),
        ({"path": "a", "num_parts": "x"}, 400),
        ({"path": "../../a", "num_parts": "2"}, 200),
    ],
)
def test_only_a_proper_upload_begins(mlflow: Mlflow, folder: str, fields: Any, status: int) -> None:
    answer = mlflow.ask("POST", f"{MPU}/create/{folder}", json.dumps(fields).encode())
    assert answer.status_code == status
