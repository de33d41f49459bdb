"""What is wrong with a folder is told, with its place, and the rest is read."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.imports.mlflow.opening import Wanted, open_source
from registry.imports.mlflow.values import UnreadableError
from registry.imports.records import ImportedModelLink
from tests.registry.imports.mlflow.nobody import as_nobody
from tests.registry.imports.mlflow.reading import read
from tests.registry.imports.mlflow.stores import AT, GONE, INNER, MODEL, OUTER, write_folder


@pytest.fixture
def mlruns(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "mlruns")


def _source_refused(place: Path) -> str:
    (problem,) = [found for found in open_source(str(place), Wanted()).examine() if hasattr(found, "cause")]
    assert problem.kind == "source"
    return problem.cause


def test_a_folder_without_experiments_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1" / OUTER / "artifacts").mkdir(parents=True)
    assert _source_refused(tmp_path) == (
        "There is no experiment in this folder, so it is no file store of MLflow's."
    )


def test_the_folder_around_mlruns_means_mlruns(mlruns: Path) -> None:
    assert open_source(str(mlruns.parent), Wanted()).place == str(mlruns)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"run_id: [", "meta.yaml is no YAML."),
        (b"run_id: !!python/object/apply:os.getcwd []", "meta.yaml is no YAML."),
        (b"run_id: &a [x]\nname: *a", "meta.yaml refers to itself, or is nested too deeply."),
        (b"- run", "meta.yaml holds no fields."),
        (b"\xff\xfe\xff", "meta.yaml is no YAML."),
        (b"status: 3", f"meta.yaml says that it is of the run 'None', the folder is of '{OUTER}'."),
        (f"run_id: {OUTER}\nexperiment_id: '7'".encode(),
         "meta.yaml says that it is of the experiment '7', the folder is of '1'."),
        (f"run_id: {OUTER}\nexperiment_id: 1\nstatus: 9".encode(), "The status is '9'."),
        (f"run_id: {OUTER}\nexperiment_id: 1\nstart_time: noon".encode(),
         "start_time is 'noon' instead of a whole number of 64 bits."),
        (f"run_id: {OUTER}\nexperiment_id: 1\nrun_name: [a]".encode(), "name is no text."),
    ],
    ids=str,
)  # fmt: skip
def test_one_broken_run_is_refused_and_the_others_are_read(mlruns: Path, content: bytes, cause: str) -> None:
    (mlruns / "1" / OUTER / "meta.yaml").write_bytes(content)
    found = read(mlruns)
    assert [(each.kind, each.place, each.cause) for each in found.problems] == [("run", f"1/{OUTER}", cause)]
    assert [run.run_id for run in found.records["runs"]] == [INNER, GONE]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"soon 0.5 1\n", "Line 2 of the metric 'loss', 'soon 0.5 1', holds what is no number."),
        (b"1 high 1\n", "Line 2 of the metric 'loss', '1 high 1', holds what is no number."),
        (b"1 0.5 1 rows\n", "Line 2 of the metric 'loss', '1 0.5 1 rows', has 4 words."),
        (b"\n", "Line 2 of the metric 'loss', '', has 0 words."),
        (b"179000000", "Line 2 of the metric 'loss', '179000000', is cut off, or too long."),
        (b"\xff\xfe 0.5 1\n", "holds what is no number"),
        (b"1" * 5_000, "is cut off, or too long"),
    ],
)  # fmt: skip
def test_a_line_that_is_none_is_told_with_its_number(mlruns: Path, line: bytes, said: str) -> None:
    (mlruns / "1" / OUTER / "metrics" / "loss").write_bytes(f"{AT} 0.5 1\n".encode() + line)
    with pytest.raises(UnreadableError) as refused:
        read(mlruns)
    assert said in str(refused.value)


def test_a_last_line_that_has_all_needs_no_end(mlruns: Path) -> None:
    (mlruns / "1" / OUTER / "metrics" / "loss").write_text(f"{AT} 0.5 1")
    assert [point.value for point in read(mlruns).points[OUTER]] == [0.5, 2.0]


def test_texts_of_another_encoding_are_refused(mlruns: Path) -> None:
    (mlruns / "1" / OUTER / "params" / "name").write_bytes("Müller".encode("latin-1"))
    (problem,) = read(mlruns).problems
    assert (problem.kind, problem.cause) == ("run", "name is no UTF-8 text.")


def test_names_of_another_encoding_are_refused(mlruns: Path) -> None:
    Path(os.fsdecode(os.fsencode(mlruns / "1" / OUTER / "params") + b"/\xff")).write_text("1")
    (problem,) = read(mlruns).problems
    assert problem.cause == "A file's name is no UTF-8 text."


def test_a_text_without_end_is_refused(mlruns: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.imports.mlflow.folder_files.MAX_TEXT_BYTES", 100)
    (mlruns / "1" / OUTER / "params" / "long").write_text("x" * 101)
    (problem,) = read(mlruns).problems
    assert problem.cause == "long has more than 100 bytes."


def test_links_are_not_followed(mlruns: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("of the safe")
    (mlruns / "1" / OUTER / "params" / "x").symlink_to(secret / "key")
    (mlruns / "1" / INNER / "params").symlink_to(secret)
    (mlruns / "3").symlink_to(secret)
    found = read(mlruns)
    assert [(each.kind, each.place, each.cause) for each in found.problems] == [
        ("left out", "3", "It is a link, which is not followed."),
        ("run", f"1/{OUTER}", "x is a link, which is not followed."),
    ]
    assert [run.params for run in found.records["runs"]] == [{}, {}]


def test_what_is_wrong_elsewhere_is_refused_by_itself(mlruns: Path) -> None:
    (mlruns / "1" / "meta.yaml").write_text("a: [")
    (mlruns / "1" / "datasets" / "d1" / "meta.yaml").unlink()
    (mlruns / "1" / "models" / MODEL / "metrics" / "acc").write_text("1 2 3\n")
    (mlruns / "models" / "wine" / "aliases" / "best").write_text("x")
    (mlruns / "1" / OUTER / "inputs" / "i1" / "meta.yaml").write_text("source_id: d1\ntags: [1]")
    told = [(each.kind, each.cause) for each in read(mlruns).problems]
    assert told == [
        ("experiment", "meta.yaml is no YAML."),
        ("dataset", "There is no meta.yaml."),
        ("run", "inputs/i1 has tags that are none."),
        ("logged_model", "Line 1 of the metric 'acc', '1 2 3', has 3 words."),
        ("registered_model", "the alias best is 'x' instead of a whole number of 64 bits."),
    ]


def test_folders_of_artifacts_and_traces_are_left_out(mlruns: Path) -> None:
    (mlruns / "7" / OUTER / "artifacts").mkdir(parents=True)
    (mlruns / "1" / "traces" / "t1").mkdir(parents=True)
    (mlruns / "1" / "notes").mkdir()
    assert [(each.kind, each.place, each.cause) for each in read(mlruns).problems] == [
        ("left out", "7", "It has no meta.yaml, so it is no experiment of this store."),
        ("left out", "1/traces", "1 traces are left out."),
    ]


def test_a_run_without_its_meta_file_is_told(mlruns: Path) -> None:
    (mlruns / "1" / OUTER / "meta.yaml").unlink()
    (problem,) = read(mlruns).problems
    assert (problem.place, problem.cause) == (f"1/{OUTER}", "There is no meta.yaml.")


@pytest.fixture
def shared() -> Iterator[Path]:
    """A store in a place that everybody may enter."""
    with tempfile.TemporaryDirectory() as folder:
        place = write_folder(Path(folder) / "mlruns")
        place.parent.chmod(0o755)
        yield place
        for path in (place, *place.rglob("*")):
            path.chmod(0o755)


def test_folders_without_permission_are_told(shared: Path) -> None:
    for path in (shared / "1" / OUTER, shared / "1" / INNER / "tags", shared / ".trash" / "2"):
        path.chmod(0)
    with as_nobody():
        found = read(shared)
    assert [(each.kind, each.place, each.cause) for each in found.problems] == [
        ("experiment", ".trash/2", "meta.yaml can't be read: Permission denied."),
        ("dataset", ".trash/2", "datasets can't be read: Permission denied."),
        ("run", f"1/{OUTER}", "inputs can't be read: Permission denied."),
        ("run", f"1/{INNER}", "tags can't be read: Permission denied."),
        ("run", ".trash/2", "2 can't be read: Permission denied."),
        ("logged_model", ".trash/2", "models can't be read: Permission denied."),
    ]
    assert found.records["runs"] == []


def test_a_store_without_permission_is_refused(shared: Path) -> None:
    shared.chmod(0)
    with as_nobody():
        assert _source_refused(shared) == "mlruns can't be read: Permission denied."
    shared.chmod(0o311)


def test_artifacts_without_permission_are_left_out(shared: Path) -> None:
    artifacts = shared / "1" / OUTER / "artifacts"
    (artifacts / "shut").mkdir()
    (artifacts / "shut").chmod(0)
    (artifacts / "plots").chmod(0o444)
    with as_nobody():
        found = read(shared)
    assert [each.cause for each in found.of_kind("left out")] == [
        "'plots/curve.txt' can't be read: Permission denied.",
        "The folder 'shut' can't be read: Permission denied.",
    ]
    assert len(found.records["runs"]) == 3


def test_what_is_no_file_is_told(mlruns: Path) -> None:
    (mlruns / "1" / INNER / "params").mkdir()
    os.mkfifo(mlruns / "1" / INNER / "params" / "pipe")
    (problem,) = read(mlruns).problems
    assert (problem.place, problem.cause) == (f"1/{INNER}", "pipe is no file.")


def test_a_score_that_is_no_number_is_told(mlruns: Path) -> None:
    (mlruns / "1" / "models" / MODEL / "metrics" / "acc").write_text(f"1 high 3 {OUTER}\n")
    (problem,) = read(mlruns).problems
    assert problem.cause == f"Line 1 of the metric 'acc', '1 high 3 {OUTER}', holds what is no number."


def test_a_run_tells_the_models_it_read(mlruns: Path) -> None:
    place = mlruns / "1" / INNER / "inputs" / "m1"
    place.mkdir(parents=True)
    (place / "meta.yaml").write_text(f"source_type: MODEL\nsource_id: {MODEL}\n")
    inner = read(mlruns).records["runs"][1]
    assert inner.models == [ImportedModelLink(MODEL, "input")]
