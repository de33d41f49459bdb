"""A source that is imported again: by somebody else, after it changed, or after what is here did."""

import io
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper

from registry.imports.csv_runs.mapping import CsvMapping
from registry.imports.csv_runs.reading import CsvFile
from registry.imports.csv_runs.source import CsvSource
from registry.imports.prepared import prepare
from registry.imports.records import LEFT_OUT, ImportedExperiment, ImportedFile, ImportedLoggedModel, Problem
from registry.imports.writing import MOST_BYTES, Batch
from registry.management.importing import run_import
from registry.models import Import, ImportedItem, TrainingRun
from registry.services.experiments import delete_experiment
from registry.services.metric_samples import MetricSample
from tests.factories import UserFactory
from tests.registry.imports.listed import END, START, Listed, causes, imported, run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


def test_what_is_left_out_does_not_stop_a_strict_import() -> None:
    trace = Problem("traces", "One trace.", "Nothing.", LEFT_OUT)
    report = imported(Listed([run(1)], problems=[trace]), is_strict=True)
    assert (report.is_complete, report.imported["run"], report.refused) == (True, 1, {LEFT_OUT: 1})


def test_a_strict_import_opens_every_file_before_it_writes() -> None:
    def gone() -> Any:
        raise PermissionError(13, "Permission denied")

    file = ImportedFile("a", gone)
    logged = ImportedLoggedModel("m", "1", "forest", artifacts=[file])
    report = imported(Listed([run(1, artifacts=[file]), run(2)], logged=[logged]), is_strict=True)
    assert (report.is_written, report.refused) == (False, {"run": 1, "logged_model": 1})
    assert not TrainingRun.objects.exists()


def test_a_strict_command_says_what_was_stored_where_the_second_pass_finds_a_problem(
    tmp_path: Path,
) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"bytes")

    def opened_once() -> BinaryIO:
        file = path.open("rb")
        path.unlink()
        return file

    source = Listed([run(1, artifacts=[ImportedFile("a", opened_once)]), run(2)])
    options = {"user": "", "experiment_prefix": "", "strict": True, "dry_run": False, "report": None}
    with pytest.raises(CommandError, match="the second one did; the rest is imported"):
        run_import(lambda: source, options | {"json": False}, OutputWrapper(io.StringIO()))
    assert TrainingRun.objects.get().name == "run 2"


def test_new_runs_join_an_earlier_experiment_only_where_the_user_may_edit_it() -> None:
    other = UserFactory(username="other")
    imported(Listed([run(1)]), user=UserFactory(username="owner"))
    again = imported(Listed([run(1)]), user=other)
    assert (again.is_complete, again.there["run"]) == (True, 1)
    logged = ImportedLoggedModel("m", "1", "forest")
    more = imported(Listed([run(1), run(2)], logged=[logged]), user=other)
    assert more.refused == {"experiment": 1, "run": 1, "logged_model": 1}
    assert causes(more)[0][1] == "The experiment 'imported' came earlier, and you may not edit it."
    assert TrainingRun.objects.count() == 1
    assert imported(Listed([run(1), run(2)])).imported["run"] == 1


def test_new_runs_do_not_join_an_earlier_experiment_that_is_in_the_bin_or_gone() -> None:
    source = Listed([run(1)])
    imported(source)
    experiment = TrainingRun.objects.get().experiment
    delete_experiment(name=experiment.name)
    source.run_records = [run(1), run(2)]
    assert causes(imported(source))[0][1] == "The experiment 'imported' is in the bin by now."
    TrainingRun.objects.all().delete()
    experiment.delete()
    told = [cause for kind, cause in causes(imported(source)) if kind == "experiment"]
    assert told == ["It was purged since it came."]


def test_an_experiment_that_came_deleted_still_takes_new_runs() -> None:
    binned = [ImportedExperiment("1", "old", is_deleted=True)]
    imported(Listed([run(1)], binned))
    assert imported(Listed([run(1), run(2)], binned)).imported["run"] == 1


def test_another_prefix_moves_nothing_that_is_here_and_that_is_told() -> None:
    imported(Listed([run(1)]))
    report = imported(Listed([run(1)]), experiment_prefix="new/")
    cause = "1 experiments came earlier with the prefix '', and keep their names."
    assert (causes(report), report.is_complete) == ([(LEFT_OUT, cause)], True)


def test_a_batch_ends_before_its_files_fill_the_memory() -> None:
    data = bytes(MOST_BYTES // 2)
    held = ImportedFile("model.bin", lambda: io.BytesIO(data), len(data), is_held=True)
    on_disk = ImportedFile("model.bin", lambda: io.BytesIO(data), len(data))
    batch = Batch()
    for number in (1, 2):
        batch.add(prepare(run(number, artifacts=[on_disk]), otherwise_at=END))
    assert not batch.is_full
    for number in (3, 4):
        batch.add(prepare(run(number, artifacts=[held]), otherwise_at=END))
    assert batch.is_full


def test_a_run_that_changed_in_the_source_is_told_each_time_until_it_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text(f"id,name,metric.loss\n{1:032x},a,0.5\n{2:032x},b,0.5\n")
    call_command("import_runs_csv", path, stdout=io.StringIO())
    call_command("import_runs_csv", path, stdout=io.StringIO())
    path.write_text(f"id,name,metric.loss\n{1:032x},a,0.5\n{2:032x},b,0.25\n{3:032x},c,1\n")
    for brought in ("1 run imported", "nothing new imported"):
        out = io.StringIO()
        with pytest.raises(CommandError, match="1 runs changed in the source since they came"):
            call_command("import_runs_csv", path, stdout=out)
        assert brought in out.getvalue()
        assert "line 3: It has changed in the source since it came" in out.getvalue()
        assert "; 1 changed since in the source" in out.getvalue()
    call_command("imports", "undo", Import.objects.get().pk, "--yes", stdout=io.StringIO())
    call_command("import_runs_csv", path, stdout=io.StringIO())
    assert TrainingRun.objects.get(name="b").loss == 0.25


def test_a_mapping_that_was_mended_changes_the_runs_that_it_reads(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text(f"id,rate\n{1:032x},0.5\n")
    first, mended = (CsvMapping({"rate": meaning}) for meaning in ("param.rate", "metric.rate"))
    assert imported(CsvSource(CsvFile(path), first)).is_complete
    assert imported(CsvSource(CsvFile(path), first)).is_complete
    assert imported(CsvSource(CsvFile(path), mended)).refused == {"changed": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"status": "RUNNING", "ended_at": None}, {"tags": {"a": "2"}}, {"params": {"a": 1.5}},
        {"metrics": [MetricSample("loss", 0.5, 0, 0), MetricSample("loss", 0.5, 1, 0)]},
        {"metrics": [MetricSample("loss", 0.5, 2**70, 0)]}, {"parent_source_id": f"{2:032x}"},
        {"custom": {1: 2, "a": 3}},
    ],
)  # fmt: skip
def test_whatever_changed_in_a_run_is_seen(change: dict[str, Any]) -> None:
    source = Listed([run(1, metrics=[MetricSample("loss", 0.5, 0, 0)]), run(2)], kind="mlflow")
    assert imported(source).is_complete
    assert imported(source).is_complete
    given = {"metrics": [MetricSample("loss", 0.5, 0, 0)]} | change
    source.run_records = [run(1, **given), run(2)]
    assert imported(source, is_dry=True).refused == {"changed": 1}


def test_another_store_at_a_place_that_is_known_stores_nothing() -> None:
    imported(Listed([run(1)], [ImportedExperiment("1", "digits", created_at=START)]))
    renamed = [ImportedExperiment("1", "numbers", created_at=START)]
    assert imported(Listed([run(1), run(2)], renamed)).imported["run"] == 1
    for at in (END, None):
        report = imported(Listed([run(3)], [ImportedExperiment("1", "fraud", created_at=at)]))
        assert (report.is_written, report.refused) == (False, {"source": 1})
        assert "another store lies here since" in causes(report)[0][1]
    assert TrainingRun.objects.count() == 2


def test_only_runs_are_said_to_be_verified() -> None:
    imported(Listed([run(1)]))
    assert set(ImportedItem.objects.values_list("kind", "is_verified")) == {
        ("run", True),
        ("experiment", None),
    }


def test_a_report_counts_what_it_does_not_list_and_is_opened_before_the_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.imports.findings.KEPT", 2)
    monkeypatch.setattr("registry.management.importing.SHOWN", 1)
    path, report, out = tmp_path / "runs.csv", tmp_path / "report.csv", io.StringIO()
    path.write_text("id,metric.loss\n1,low\n2,low\n3,low\n4,0.5\n")
    with pytest.raises(CommandError, match="can't be written"):
        call_command("import_runs_csv", path, report=tmp_path, stdout=out)
    assert not TrainingRun.objects.exists()
    with pytest.raises(CommandError, match="There are problems; the rest is imported"):
        call_command("import_runs_csv", path, report=report, stdout=out)
    assert "… and 2 more; --report FILE.csv has the first 2 of all." in out.getvalue()
    *_, line_3, more = report.read_text(encoding="utf-8").splitlines()
    assert (line_3.split(",")[1], more) == ("line 3", "run,,,… and 1 more of this kind.,")
