"""Files are read inside the folders that were named, and nowhere else."""

import os
from pathlib import Path

import pytest

from registry.exceptions import ArtifactError
from registry.imports.mlflow.artifact_folders import ArtifactFolders, FoundFiles
from registry.imports.mlflow.opening import Wanted
from tests.registry.imports.mlflow.nobody import as_nobody
from tests.registry.imports.mlflow.reading import read
from tests.registry.imports.mlflow.stores import OUTER, RUN, write_database, write_folder

TAIL = f"1/{OUTER}/artifacts"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "files" / TAIL
    folder.mkdir(parents=True)
    (folder / "model").mkdir()
    (folder / "model" / "weights").write_bytes(b"\x00\x01")
    (folder / "notes.txt").write_text("words")
    return tmp_path / "files"


def _contents(found: FoundFiles) -> dict[str, bytes]:
    told = {}
    for file in found.files:
        with file.open() as content:
            told[file.path] = content.read()
        assert file.size_bytes == len(told[file.path])
    return told


WHOLE = {"model/weights": b"\x00\x01", "notes.txt": b"words"}


def test_files_are_found_where_the_store_says(place: Path) -> None:
    folders = ArtifactFolders([place])
    for uri in (f"{place}/{TAIL}", f"file://{place}/{TAIL}", f"mlflow-artifacts:/{TAIL}"):
        assert _contents(folders.of(uri, "elsewhere")) == WHOLE


def test_files_that_were_moved_are_found_where_mlflow_puts_them(place: Path) -> None:
    assert _contents(ArtifactFolders([place]).of(f"/old/place/mlruns/{TAIL}", TAIL)) == WHOLE


def test_a_run_that_logged_no_file_has_none(place: Path) -> None:
    assert ArtifactFolders([place]).of(f"{place}/1/none/artifacts", "none") == FoundFiles()


def test_nothing_is_read_where_no_artifacts_are_wanted(place: Path) -> None:
    assert ArtifactFolders([place], is_wanted=False).of(f"{place}/{TAIL}", TAIL) == FoundFiles()


@pytest.mark.parametrize(
    "uri",
    ["/etc", "file:///etc", "{place}/../secret", "file://{place}/%2e%2e/secret", "mlflow-artifacts:/../secret",
     "/\x00", "relative/place"],
)  # fmt: skip
def test_what_is_outside_is_left_out(place: Path, tmp_path: Path, uri: str) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("of the safe")
    found = ArtifactFolders([place]).of(uri.format(place=place), "../secret")
    assert found.files == ()
    assert "is outside the folders that artifacts are read from" in found.left_out[0][0]


def test_addresses_of_other_stores_are_left_out(place: Path) -> None:
    found = ArtifactFolders([place]).of("s3://bucket/1/run/artifacts", TAIL)
    assert found == FoundFiles(
        left_out=[("s3://bucket/1/run/artifacts is not asked.", "Log the files again from there.")]
    )


def test_links_and_devices_are_left_out_wherever_they_lead(place: Path, tmp_path: Path) -> None:
    folder = place / TAIL
    (tmp_path / "key").write_text("of the safe")
    (folder / "file").symlink_to(tmp_path / "key")
    (folder / "folder").symlink_to(tmp_path)
    (folder / "inside").symlink_to(folder / "notes.txt")
    os.mkfifo(folder / "pipe")
    found = ArtifactFolders([place]).of(str(folder), TAIL)
    assert _contents(found) == WHOLE
    assert found.left_out == [
        (f"'{name}' is a link or a device.", "Put the file itself there.")
        for name in ("file", "folder", "inside", "pipe")
    ]


def test_a_folder_that_is_a_link_to_elsewhere_is_left_out(place: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (place / "1" / "linked").symlink_to(tmp_path / "secret")
    found = ArtifactFolders([place]).of(f"{place}/1/linked", "none")
    assert (found.files, len(found.left_out)) == ((), 1)


def test_a_name_that_no_artifact_may_have_is_left_out(place: Path) -> None:
    Path(os.fsdecode(os.fsencode(place / TAIL) + b"/\xff")).write_text("1")
    (place / TAIL / "a\\b").write_text("1")
    found = ArtifactFolders([place]).of(str(place / TAIL), TAIL)
    assert _contents(found) == WHOLE
    assert [cause.partition(" ")[2] for cause, _ in found.left_out] == ["can't be an artifact's name."] * 2


def test_a_file_that_became_a_link_since_is_not_opened(place: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("of the safe")
    found = ArtifactFolders([place]).of(str(place / TAIL), TAIL)
    (place / TAIL / "notes.txt").unlink()
    (place / TAIL / "notes.txt").symlink_to(tmp_path / "key")
    (place / TAIL / "model").rename(tmp_path / "model")
    (place / TAIL / "model").symlink_to(tmp_path / "model")
    for file in found.files:
        with pytest.raises(ArtifactError):
            file.open()


def test_a_file_that_became_a_device_since_is_not_opened(place: Path) -> None:
    found = ArtifactFolders([place]).of(str(place / TAIL), TAIL)
    (place / TAIL / "notes.txt").unlink()
    os.mkfifo(place / TAIL / "notes.txt")
    (notes,) = [file for file in found.files if file.path == "notes.txt"]
    with pytest.raises(ArtifactError, match="is no file any more"):
        notes.open()


def test_a_folder_keeps_its_files_beside_the_run(tmp_path: Path) -> None:
    outer = read(write_folder(tmp_path / "mlruns")).records["runs"][0]
    assert [file.path for file in outer.artifacts] == ["plots/curve.txt"]


def test_a_database_has_its_files_in_the_folders_beside_it_or_where_the_operator_says(tmp_path: Path) -> None:
    for name in ("mlartifacts", "elsewhere"):
        (tmp_path / name / TAIL).mkdir(parents=True)
        (tmp_path / name / TAIL / name).write_text("1")
    runs = [{"run_uuid": OUTER, **RUN, "artifact_uri": f"mlflow-artifacts:/{TAIL}"}]
    place = write_database(tmp_path / "mlflow.db", runs=runs)
    for wanted, files in (
        (Wanted(), ["mlartifacts"]),
        (Wanted(artifact_root=tmp_path / "elsewhere"), ["elsewhere"]),
        (Wanted(has_artifacts=False), []),
    ):
        found = read(place, wanted)
        assert [file.path for file in found.records["runs"][0].artifacts] == files
        assert found.problems == []


def test_files_elsewhere_are_told_and_the_run_is_read(tmp_path: Path) -> None:
    runs = [{"run_uuid": OUTER, **RUN, "artifact_uri": "s3://bucket/x"}]
    found = read(write_database(tmp_path / "mlflow.db", runs=runs))
    assert [run.run_id for run in found.records["runs"]] == [OUTER]
    (problem,) = found.problems
    assert (problem.kind, problem.place, problem.cause, problem.cure) == (
        "left out", f"run {OUTER}", "s3://bucket/x is not asked.", "Log the files again from there.",
    )  # fmt: skip


@pytest.mark.parametrize("uri", ["s3://[bad/x", "file://[bad/x"])
def test_an_address_that_is_none_is_told_and_the_run_is_read(tmp_path: Path, uri: str) -> None:
    runs = [{"run_uuid": OUTER, **RUN, "artifact_uri": uri}]
    found = read(write_database(tmp_path / "mlflow.db", runs=runs))
    assert [run.run_id for run in found.records["runs"]] == [OUTER]
    assert [(problem.kind, problem.cause) for problem in found.problems] == [
        ("left out", f"{uri} is no address.")
    ]


def test_a_folder_that_may_not_be_searched_is_told(place: Path) -> None:
    (place / "1").chmod(0o600)
    try:
        with as_nobody():
            found = ArtifactFolders([place]).of(f"{place}/{TAIL}", TAIL)
    finally:
        (place / "1").chmod(0o700)
    assert found.left_out == [(f"{place}/{TAIL} can't be read: Permission denied.", "Check its permissions.")]


def test_a_folder_beside_a_database_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("of the safe")
    (tmp_path / "unpacked").mkdir()
    (tmp_path / "unpacked" / "mlruns").symlink_to(tmp_path)
    runs = [{"run_uuid": OUTER, **RUN, "artifact_uri": str(secret)}]
    database = write_database(tmp_path / "unpacked" / "mlflow.db", runs=runs)
    found = read(database)
    assert (found.records["runs"][0].artifacts, [each.kind for each in found.problems]) == ((), ["left out"])
    named = read(database, Wanted(artifact_root=tmp_path / "unpacked" / "mlruns"))
    assert [file.path for file in named.records["runs"][0].artifacts] == ["key"]
