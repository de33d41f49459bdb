"""Artifacts through the proxy."""

import os
from pathlib import Path

import mlflow
import numpy as np
import pytest
import requests
from mlflow import MlflowClient
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from tests.mlflow_client.platform_site import Site
from tests.mlflow_client.refusal import refused

MB = 1024 * 1024


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with folders, an empty file and names that need care."""
    for path, content in {
        "a.txt": b"hello",
        "empty": b"",
        "sub/b.bin": bytes(range(256)),
        "sub/deep/ü x+y.txt": "é".encode(),
    }.items():
        (tmp_path / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / path).write_bytes(content)
    return tmp_path / "tree"


def _listed(client: MlflowClient, run: str, path: str | None = None) -> list[tuple[str, bool, int]]:
    return [(each.path, each.is_dir, each.file_size or 0) for each in client.list_artifacts(run, path)]


def test_a_folder_comes_back_as_it_went(client: MlflowClient, run: str, tree: Path) -> None:
    client.log_artifacts(run, str(tree))
    back = Path(client.download_artifacts(run, ""))
    went = {each.relative_to(tree): each.read_bytes() for each in tree.rglob("*") if each.is_file()}
    came = {each.relative_to(back): each.read_bytes() for each in back.rglob("*") if each.is_file()}
    assert came == went


def test_folders_are_listed_level_by_level(client: MlflowClient, run: str, tree: Path) -> None:
    client.log_artifacts(run, str(tree), "some/dir")
    assert _listed(client, run) == [("some", True, 0)]
    assert _listed(client, run, "some/dir") == [
        ("some/dir/a.txt", False, 5), ("some/dir/empty", False, 0), ("some/dir/sub", True, 0)
    ]  # fmt: skip
    assert _listed(client, run, "some/dir/sub/deep") == [("some/dir/sub/deep/ü x+y.txt", False, 2)]
    assert _listed(client, run, "some/dir/a.txt") == []
    assert _listed(client, run, "nothing") == []


def test_one_file_is_downloaded(client: MlflowClient, run: str, tree: Path) -> None:
    client.log_artifact(run, str(tree / "sub" / "b.bin"), "bin")
    assert Path(client.download_artifacts(run, "bin/b.bin")).read_bytes() == bytes(range(256))


def test_text_tables_images_and_figures_are_logged(client: MlflowClient, experiment: str) -> None:
    import matplotlib.figure  # noqa: PLC0415

    with mlflow.start_run() as active:
        mlflow.log_text("hä", "a/t.txt")
        mlflow.log_dict({"a": [1]}, "d.json")
        mlflow.log_dict({"a": [1]}, "d.yaml")
        mlflow.log_table({"x": [1]}, "table.json")
        mlflow.log_table({"x": [2]}, "table.json")
        mlflow.log_image(np.zeros((4, 4, 3), dtype="uint8"), "img.png")
        mlflow.log_image(np.zeros((4, 4, 3), dtype="uint8"), key="dog", step=1)
        mlflow.log_figure(matplotlib.figure.Figure(), "fig.png")
    run_id = active.info.run_id
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/a/t.txt") == "hä"
    assert mlflow.artifacts.load_dict(f"runs:/{run_id}/d.json") == {"a": [1]}
    assert mlflow.artifacts.load_image(f"runs:/{run_id}/img.png").size == (4, 4)
    assert list(mlflow.load_table("table.json", [run_id])["x"]) == [1, 2]
    assert {path for path, _, _ in _listed(client, run_id)} == {
        "a", "d.json", "d.yaml", "fig.png", "images", "img.png", "table.json"
    }  # fmt: skip


def test_the_last_upload_of_a_path_stands(client: MlflowClient, run: str) -> None:
    for text in ("first", "second, longer", "3"):
        client.log_text(run, text, "t.txt")
    assert mlflow.artifacts.load_text(f"runs:/{run}/t.txt") == "3"
    assert _listed(client, run) == [("t.txt", False, 1)]


def test_artifacts_are_deleted(client: MlflowClient, run: str, tree: Path) -> None:
    client.log_artifacts(run, str(tree))
    repository = get_artifact_repository(client.get_run(run).info.artifact_uri)
    repository.delete_artifacts("a.txt")
    repository.delete_artifacts("sub")
    assert _listed(client, run) == [("empty", False, 0)]


def test_a_missing_artifact_is_told(client: MlflowClient, run: str) -> None:
    with pytest.raises(mlflow.MlflowException, match="Failed to download artifacts from path 'nothing'"):
        client.download_artifacts(run, "nothing")


def test_twenty_megabytes_arrive(client: MlflowClient, run: str, tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(content := os.urandom(20 * MB))
    client.log_artifact(run, str(tmp_path / "big.bin"))
    assert Path(client.download_artifacts(run, "big.bin")).read_bytes() == content
    assert _listed(client, run) == [("big.bin", False, 20 * MB)]


@pytest.mark.ours
def test_a_large_file_goes_up_and_down_in_parts(
    client: MlflowClient, run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", str(5 * MB))
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", str(5 * MB))
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true")
    (tmp_path / "big.bin").write_bytes(content := os.urandom(12 * MB + 7))
    client.log_artifact(run, str(tmp_path / "big.bin"), "deep")
    (tmp_path / "back").mkdir()
    assert (
        Path(client.download_artifacts(run, "deep/big.bin", str(tmp_path / "back"))).read_bytes() == content
    )


def test_an_upload_may_always_go_in_one_piece(
    client: MlflowClient, run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", str(MB))
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true")
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "true")
    (tmp_path / "big.bin").write_bytes(content := os.urandom(2 * MB))
    client.log_artifact(run, str(tmp_path / "big.bin"))
    (tmp_path / "back").mkdir()
    assert Path(client.download_artifacts(run, "big.bin", str(tmp_path / "back"))).read_bytes() == content


@pytest.mark.parametrize("path", ["../../x", "/etc", "a/../../../x", "%2e%2e/x"])
def test_no_path_leads_out_of_the_run(client: MlflowClient, run: str, tree: Path, path: str) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        client.list_artifacts(run, path)


def test_artifacts_of_an_unknown_run_are_told(client: MlflowClient, site: Site) -> None:
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.list_artifacts("0" * 32)
