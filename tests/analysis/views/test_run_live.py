import socket
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from analysis.live import hub as hubs
from analysis.live import running
from analysis.live.handover import HandOverError
from registry.models import TrainingRun
from registry.services.run_log import log_epoch
from registry.services.runs import end_run, start_run
from registry.sync.purge_rows import purge_runs
from tests.factories import ExperimentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


@pytest.fixture
def run() -> TrainingRun:
    return start_run(experiment=ExperimentFactory.create().name)


@pytest.fixture
def hub() -> Iterator[hubs.Hub]:
    yield running.start()
    running.stop()
    assert running.hub() is None


def live(run: TrainingRun) -> str:
    return reverse("analysis:run-live", args=[run.run_id])


def test_without_a_hub_the_answer_is_the_present_state(reader: Client, run: TrainingRun) -> None:
    answer = reader.get(live(run))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")
    assert answer.content.startswith(b"retry: 1000\n\nevent: scene\nid: ")
    assert b"Running" in answer.content


def test_the_page_knows_what_it_shows_and_is_sent_only_what_comes_after(
    reader: Client, run: TrainingRun
) -> None:
    page = reader.get(reverse("analysis:run-detail", args=[run.run_id]))
    mark = page.context["scene"].mark
    assert f'data-live-mark="{mark}"' in page.content.decode()
    assert reader.get(live(run), {"seen": mark}).content == b"retry: 1000\n\n"
    log_epoch(run_id=run.run_id, epoch=1, metrics={"loss": 0.5})
    for asked in ({"query_params": {"seen": mark}}, {"headers": {"Last-Event-ID": mark}}):
        content = reader.get(live(run), **asked).content
        assert (b'"metrics"' in content, b'"params"' in content) == (True, False)


def test_the_curves_are_drawn_as_the_page_draws_them(reader: Client, run: TrainingRun) -> None:
    for epoch in range(3):
        log_epoch(run_id=run.run_id, epoch=epoch, metrics={"loss": 0.5 + epoch})
    for look in ({}, {"x": "time", "y": "log"}, {"smooth": "nonsense"}):
        page = reader.get(reverse("analysis:run-detail", args=[run.run_id]), look)
        seen = page.context["scene"].mark
        assert reader.get(live(run), {**look, "seen": seen}).content == b"retry: 1000\n\n"


def test_a_page_of_a_run_that_ended_does_not_follow(reader: Client, run: TrainingRun) -> None:
    assert "live.js" in reader.get(reverse("analysis:run-detail", args=[run.run_id])).content.decode()
    end_run(run_id=run.run_id)
    assert "live.js" not in reader.get(reverse("analysis:run-detail", args=[run.run_id])).content.decode()
    assert b'"over": true, "status": "Finished"' in reader.get(live(run)).content


def test_with_a_hub_the_connection_is_handed_over(reader: Client, run: TrainingRun, hub: hubs.Hub) -> None:
    answer = reader.get(live(run))
    stream = iter(answer.streaming_content)
    assert next(stream) == b"retry: 1000\n\n"
    with pytest.raises(HandOverError) as handed:
        next(stream)
    ours, theirs = socket.socketpair()
    ours.settimeout(20)
    handed.value.take(theirs)
    assert b"event: scene" in ours.recv(1 << 20)
    ours.close()


def test_a_hub_that_is_full_refuses_clearly(
    reader: Client, run: TrainingRun, hub: hubs.Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_most", 0)
    answer = reader.get(live(run))
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert b"Too many" in answer.content


def test_a_run_that_goes_away_meanwhile_is_over(
    reader: Client, run: TrainingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.live.run_feed.RunFeed.is_open_to", lambda *_: True)
    with transaction.atomic():
        purge_runs([run])
    assert b'"status": "gone"' in reader.get(live(run)).content
