import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from django.db import connection

from registry.archives.alone import LOCK
from registry.archives.catalog import verify_archive
from registry.archives.choosing import Candidates
from registry.archives.metrics import archive_metrics, take_points
from registry.archives.restore import restore_archive
from registry.archives.tidying import tidy_archives
from registry.enums import ArchiveState, Lifecycle
from registry.exceptions import ArtifactError, ConflictError, NotFoundError
from registry.models import Archive, ArchivedRun, Metric, TrainingRun
from registry.parquet.copied_points import HEADER, POINT
from registry.parquet.points import PointSink, copy_bytes, points_in
from registry.queries.archived_points import archive_path
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.purges import purge_run
from tests.factories import RunFactory

from .conftest import NOW, POINTS, archived, logged, table

pytestmark = pytest.mark.django_db


def restored(archive: Archive) -> Archive:
    return next(each for each in restore_archive(archive.archive_id) if isinstance(each, Archive))


def test_points_leave_the_table_and_come_back_bit_by_bit(run: TrainingRun) -> None:
    put_a_nan_with_a_payload(run)
    before, figures = table(), list(Metric.objects.order_by("pk").values())
    (archive,) = archived()
    assert table() == []
    assert list(Metric.objects.order_by("pk").values()) == figures
    assert (archive.row_count, archive.run_count, archive.state) == (len(POINTS) + 1, 1, "taken")
    assert verify_archive(archive.archive_id[:8]).pk == archive.pk
    assert restored(archive).restored_count == len(before)
    assert table() == before
    assert not ArchivedRun.objects.exists()


def test_a_file_is_read_by_pandas_without_us(run: TrainingRun, archive_root: Path) -> None:
    (archive,) = archived()
    frame = pd.read_parquet(archive_path(archive))
    assert list(frame.columns) == ["run_id", "key", "metric_id", "step", "timestamp_ms", "value"]
    assert set(frame["run_id"]) == {run.run_id}
    loss = frame[frame["key"] == "loss"]
    assert np.array_equal(loss["value"], [p.value for p in POINTS if p.key == "loss"], equal_nan=True)
    manifest = json.loads((archive_root / archive.archive_id / "manifest.json").read_text())
    assert (manifest["rows"], manifest["sha256"]) == (len(POINTS), archive.file_sha256)


def test_only_old_ended_runs_of_the_experiments_go(run: TrainingRun) -> None:
    other = logged(RunFactory.create())
    logged(RunFactory.create(status="RUNNING"))
    logged(RunFactory.create(ended_at=NOW, started_at=NOW))
    going = logged(RunFactory.create())
    TrainingRun.objects.filter(pk=going.pk).update(lifecycle=Lifecycle.PURGING, deleted_at=NOW)
    RunFactory.create()
    (only,) = archive_metrics(before=NOW, dry_run=True, experiments=[run.experiment.name])
    assert only == Candidates({run.pk: len(POINTS)})
    archives = archived(most_points=1)
    assert [each.runs.get().run for each in archives] == [run, other]
    assert archived() == []
    with pytest.raises(NotFoundError, match="no experiment named 'x'"):
        archived(experiments=["x"])


def test_points_that_are_logged_again_are_archived_again_and_stay_one(run: TrainingRun) -> None:
    before = table()
    archived()
    log_metrics(run_id=run.run_id, points=[*POINTS[:2], MetricSample("loss", 9.0, 99, 0)])
    archives = archived()
    assert archives[0].row_count == 3
    for archive in Archive.objects.order_by("pk"):
        restored(archive)
    assert len(table()) == len(before) + 1


def test_restoring_twice_changes_nothing(run: TrainingRun) -> None:
    (archive,) = archived()
    first = restored(archive)
    before = table()
    assert archive_path(archive).is_file()  # for who reads it right now
    assert restored(archive).restored_at == first.restored_at
    assert table() == before
    assert not archive_path(archive).parent.exists()
    with pytest.raises(ConflictError, match="no file"):
        verify_archive(archive.archive_id)


def test_a_purged_runs_points_do_not_come_back(run: TrainingRun) -> None:
    other = logged(RunFactory.create())
    (archive,) = archived()
    purge_run(run_id=other.run_id)
    assert restored(archive).restored_count == len(POINTS)
    assert {metric for metric, *_ in table()} == set(run.metrics.values_list("pk", flat=True))


def test_tidying_writes_the_file_anew_without_purged_runs(run: TrainingRun) -> None:
    before = table()
    other = logged(RunFactory.create())
    (archive,) = archived()
    old = archive_path(archive)
    purge_run(run_id=other.run_id)
    list(tidy_archives())
    archive = verify_archive(archive.archive_id)
    assert (archive.row_count, archive.run_count, old.exists()) == (len(POINTS), 1, False)
    assert list(tidy_archives()) == []
    restored(archive)
    assert table() == before


def test_an_archive_of_purged_runs_alone_goes(run: TrainingRun, archive_root: Path) -> None:
    archived()
    purge_run(run_id=run.run_id)
    list(tidy_archives())
    assert not Archive.objects.exists()
    assert list(archive_root.iterdir()) == []


def test_a_damaged_file_is_told_and_nothing_is_restored(run: TrainingRun) -> None:
    (archive,) = archived()
    path = archive_path(archive)
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:100] + bytes([whole[100] ^ 1]) + whole[101:]):
        path.write_bytes(damaged)
        with pytest.raises(ArtifactError, match="not the one that was written"):
            restored(archive)
    path.unlink()
    with pytest.raises(ArtifactError, match="can't be read"):
        verify_archive(archive.archive_id)
    assert table() == []
    path.write_bytes(whole)
    assert restored(archive).restored_count == len(POINTS)


def test_points_that_changed_while_the_file_was_made_stay(
    run: TrainingRun, monkeypatch: pytest.MonkeyPatch, archive_root: Path
) -> None:
    def late(archive: Archive) -> None:
        log_metrics(run_id=run.run_id, points=[MetricSample("loss", 1.0, 1_000, 0)])
        take_points(archive)

    monkeypatch.setattr("registry.archives.metrics.take_points", late)
    before = table()
    with pytest.raises(ConflictError, match="nothing was deleted"):
        archived()
    assert len(table()) == len(before) + 1
    assert (Archive.objects.count(), list(archive_root.iterdir())) == (0, [])
    monkeypatch.undo()


def test_a_full_disk_leaves_the_points_where_they_are(run: TrainingRun, archive_root: Path) -> None:
    archive_root.write_text("a file where the folder should be")
    before = table()
    with pytest.raises(ArtifactError, match="could not be written"):
        archived()
    assert table() == before


def test_an_archive_that_was_never_taken_is_not_restored(run: TrainingRun) -> None:
    archive = Archive.objects.create(kind="metrics", before=NOW)
    with pytest.raises(NotFoundError):
        restored(archive)  # what was not taken is cleared away first
    assert not Archive.objects.filter(state=ArchiveState.WRITING).exists()


def test_many_runs_and_row_groups_come_back_as_they_were(
    run: TrainingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        logged(RunFactory.create())
    monkeypatch.setattr("registry.parquet.points.ROWS_IN_A_GROUP", 4)
    monkeypatch.setattr("registry.archives.choosing.PAGE", 2)
    before = table()
    (archive,) = archived()
    assert (archive.row_count, archive.run_count) == (len(before), 4)
    (metric,) = run.metrics.filter(key="loss").values_list("pk", flat=True)
    (points, *rest) = points_in(archive_path(archive), [metric])
    assert len(points) + sum(map(len, rest)) == 7
    restored(archive)
    assert table() == before


def test_points_that_do_not_come_back_whole_are_not_restored(
    run: TrainingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    (archive,) = archived()
    with monkeypatch.context() as patch:
        patch.setattr("registry.archives.restore.INSERT", "SELECT '{name}'")
        with pytest.raises(ArtifactError, match="0 of 9 points came back"):
            restored(archive)
    assert restored(archive).restored_count == len(POINTS)


def test_a_second_command_is_refused_while_the_first_is_at_work(run: TrainingRun) -> None:
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        with pytest.raises(ConflictError, match="Wait until it has ended"):
            archived()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    other.close()
    assert len(archived()) == 1


def test_rows_that_are_no_points_are_refused() -> None:
    sink = PointSink(lambda _: None)
    assert sink.writable()
    sink.write(HEADER + b"x" * 7)
    with pytest.raises(ValueError, match="no metric points"):
        sink.end()


def put_a_nan_with_a_payload(run: TrainingRun) -> None:
    metric = run.metrics.get(key="acc/val ü")
    value = bytes.fromhex("7ff80000deadbeef")
    points = np.zeros(1, POINT)
    points["metric_id"], points["step"] = metric.pk, 7
    points["value"] = np.frombuffer(value, ">f8")
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY registry_metricpoint FROM STDIN (FORMAT binary)", copy_bytes(points))
    assert value in {each for *_, each in table()}
