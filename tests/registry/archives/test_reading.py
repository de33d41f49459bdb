"""What reads histories finds archived points where they are."""

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from analysis.queries.metric_curves import metric_curves
from registry.archives.restore import restore_archive
from registry.exceptions import StoreUnavailableError
from registry.models import TrainingRun
from registry.queries.archived_points import OF_RUNS, archive_path, archived_notes
from registry.queries.metric_points import metric_points_page
from registry.queries.metric_series import metric_series
from registry.queries.runs import metric_history
from registry.queries.search.histories import histories, history_page, sampled_histories
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from tests.factories import RunFactory

from .conftest import POINTS, archived, logged

pytestmark = pytest.mark.django_db


def answers(run: TrainingRun, other: TrainingRun, user: User) -> Iterator[Any]:
    ids = [run.run_id, other.run_id]
    first = history_page(user=user, run_id=run.run_id, key="loss", size=3)
    yield first
    yield history_page(user=user, run_id=run.run_id, key="loss", size=3, after=first.next_after)
    yield histories(user=user, run_ids=ids, key="loss", limit=100)
    yield sampled_histories(user=user, run_ids=ids, key="loss", limit=3)
    for most in (None, 3):
        curves = metric_curves([run.pk, other.pk], most=most)
        yield [(each.run, each.key, each.steps.tolist(), each.values.tobytes()) for each in curves]
    (curve, _) = metric_curves([run.pk, other.pk], keys=["loss"], with_times=False)
    yield curve.steps.tolist(), curve.values.tobytes()
    yield repr(metric_history(run_id=run.run_id, key="loss"))
    yield repr(metric_series(run_id=run.run_id, key="loss"))
    page = metric_points_page(metric_id=run.metrics.get(key="loss").pk, size=4)
    yield repr(page)
    yield repr(metric_points_page(metric_id=run.metrics.get(key="loss").pk, after=page.next_after))


@pytest.fixture
def other() -> TrainingRun:
    return logged(RunFactory.create(status="RUNNING"))


def test_every_history_is_the_same_before_in_and_after_an_archive(
    run: TrainingRun, other: TrainingRun, admin_user: User
) -> None:
    before = list(answers(run, other, admin_user))
    (archive,) = archived()
    assert list(answers(run, other, admin_user)) == before
    list(restore_archive(archive.archive_id))
    assert list(answers(run, other, admin_user)) == before


def test_what_is_logged_to_an_archived_run_stands_among_its_points(
    run: TrainingRun, other: TrainingRun, admin_user: User
) -> None:
    twin = logged(RunFactory.create())
    more = [MetricSample("loss", 7.0, 3, 5), MetricSample("loss", 8.0, 1_000, 6), POINTS[0]]
    archived(experiments=[run.experiment.name])
    for each in (run, twin):
        log_metrics(run_id=each.run_id, points=more)
    assert repr(metric_history(run_id=run.run_id, key="loss")) == repr(
        metric_history(run_id=twin.run_id, key="loss")
    )
    ours, theirs = metric_curves([run.pk, twin.pk], keys=["loss"])
    assert ours.values.tobytes() == theirs.values.tobytes()


@pytest.mark.django_db(transaction=True)
def test_what_is_archived_while_it_is_read_is_read_whole(run: TrainingRun) -> None:
    """Between the question which archives there are and the reading of the table."""
    before = metric_history(run_id=run.run_id, key="loss")
    taken: list[str] = []

    def take() -> None:
        taken.extend(each.archive_id for each in archived())
        connection.close()

    def archive_after_the_question(execute: Any, sql: str, values: Any, many: Any, context: Any) -> Any:
        answer = execute(sql, values, many, context)
        if OF_RUNS in sql and not taken:
            beside = Thread(target=take)
            beside.start()
            beside.join()
        return answer

    with connection.execute_wrapper(archive_after_the_question):
        assert repr(metric_history(run_id=run.run_id, key="loss")) == repr(before)
    assert len(taken) == 1
    assert repr(metric_history(run_id=run.run_id, key="loss")) == repr(before)


def test_a_damaged_file_is_told_with_its_cure(run: TrainingRun, admin_user: User) -> None:
    (archive,) = archived()
    archive_path(archive).unlink()
    asked: list[Callable[[], object]] = [
        lambda: history_page(user=admin_user, run_id=run.run_id, key="loss", size=3),
        lambda: metric_curves([run.pk]),
    ]
    for ask in asked:
        with pytest.raises(StoreUnavailableError, match=f"archive {archive.archive_id[:8]}.*backup"):
            ask()


def test_the_page_of_a_run_says_where_its_points_are(run: TrainingRun, admin_client: Client) -> None:
    page = reverse("analysis:run-detail", args=[run.run_id])
    assert b"archive restore" not in admin_client.get(page).content
    (archive,) = archived()
    (note,) = archived_notes(run.pk)
    assert (note.archive_id, note.point_count) == (archive.archive_id, len(POINTS))
    text = admin_client.get(page).content.decode()
    assert f"manage.py archive restore {archive.archive_id[:8]}" in text
    assert f"{len(POINTS)} points" in text


@pytest.mark.usefixtures("mongo", "redis_keys")
def test_pages_stand_without_the_charts_of_a_damaged_archive(run: TrainingRun, admin_client: Client) -> None:
    whole = logged(RunFactory.create(), [MetricSample("speed", float(step), step, step) for step in range(3)])
    (archive,) = archived(experiments=[run.experiment.name])
    file = archive_path(archive)
    kept = file.read_bytes()
    file.unlink()
    page = admin_client.get(reverse("analysis:run-detail", args=[run.run_id]))
    assert page.status_code == 200
    text = page.content.decode()
    assert f"The points lie in archive {archive.archive_id[:8]}, which can&#x27;t be read" in text
    assert "acc/val ü" in text
    both = {"run": [run.run_id, whole.run_id], "metric": ["loss", "speed"]}
    charts = admin_client.get("/compare/curves.json", both).json()["charts"]
    assert ["which can't be read" in " ".join(chart["notes"]) for chart in charts] == [True, False]
    file.write_bytes(kept)
    assert b"be read:" not in admin_client.get(reverse("analysis:run-detail", args=[run.run_id])).content
