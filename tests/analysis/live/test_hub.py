import socket
import threading
import time

import pytest
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from analysis.live import hub as hubs
from analysis.live import looking, running
from analysis.live.board_feed import BoardFeed
from analysis.live.hub import Hub
from analysis.live.run_feed import RunFeed
from analysis.live.scene import Scene
from analysis.live.watched import NEVER, Watched
from analysis.live.watcher import Visitor
from analysis.live.workers_feed import WorkersFeed
from features.online.doorbells import BOARDS, forget_rung, ring
from features.online.heartbeats import Beat, put
from registry.exceptions import NotFoundError, StoreUnavailableError
from registry.models import TrainingRun
from registry.services.permissions import grant_permission
from registry.services.run_log import log_epoch
from registry.services.runs import end_run
from registry.sync.purge_rows import purge_runs
from tests.factories import DatasetFactory, RunFactory

from .conftest import Watch

pytestmark = pytest.mark.django_db(transaction=True)


def log(run: TrainingRun, epoch: int) -> None:
    log_epoch(run_id=run.run_id, epoch=epoch, metrics={"loss": 1 / (epoch + 1)})


def shows(step: int) -> object:
    return lambda browser: f'<td class="num">{step}</td>' in browser.parts.get("metrics", "")


@pytest.fixture
def bells_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub looks by itself so seldom that only a bell lets a test pass."""
    for name in ("SWEEP_SECONDS", "SWEEP_WITHOUT_BELLS_SECONDS"):
        monkeypatch.setattr(hubs, name, 300.0)


@pytest.mark.usefixtures("bells_alone")
def test_what_is_logged_is_seen_by_all_who_watch(run: TrainingRun, watch: Watch) -> None:
    browsers = [watch(), watch()]
    for browser in browsers:
        browser.sees(lambda each: "charts" in each.parts)
    forget_rung()
    log(run, 7)
    for browser in browsers:
        browser.sees(shows(7))
    assert {browser.events for browser in browsers} == {2}


@pytest.mark.usefixtures("bells_alone")
def test_the_last_of_many_points_is_seen_though_its_bell_was_left_out(run: TrainingRun, watch: Watch) -> None:
    browser = watch()
    browser.sees(lambda each: each.events == 1)
    forget_rung()
    for epoch in range(1, 30):
        log(run, epoch)
    browser.sees(shows(29))


def test_who_comes_back_is_sent_only_what_was_missed(run: TrainingRun, watch: Watch) -> None:
    first = watch()
    first.sees(lambda each: each.events == 1)
    first.sock.close()
    log(run, 3)
    again = watch(seen=first.mark)
    again.sees(shows(3))
    assert again.parts.keys() < first.parts.keys()
    third = watch(seen=again.mark)
    third.read()
    assert third.events == 0


def test_at_the_end_of_the_run_the_stream_ends(run: TrainingRun, watch: Watch, hub: Hub) -> None:
    browser = watch(is_chunked=True)
    browser.sees(lambda each: each.events == 1)
    end_run(run_id=run.run_id)
    browser.sees(lambda each: each.has_ended)
    assert browser.is_over
    assert "Finished" in browser.parts["lead"]
    assert browser.raw.endswith(b"0\r\n\r\n")
    assert hub.watcher_count == 0


def test_a_run_that_is_purged_ends_the_stream(run: TrainingRun, watch: Watch) -> None:
    browser = watch()
    browser.sees(lambda each: each.events == 1)
    with transaction.atomic():
        purge_runs([run])
    browser.sees(lambda each: each.has_ended)
    assert browser.is_over


def test_chunks_are_framed(run: TrainingRun, watch: Watch) -> None:
    browser = watch(is_chunked=True)
    browser.sock.settimeout(20)
    while not browser.raw.count(b"\r\n"):
        browser.raw += browser.sock.recv(1 << 20)
    size, _, rest = browser.raw.partition(b"\r\n")
    while len(rest) < int(size, 16) + 2:
        rest += browser.sock.recv(1 << 20)
    assert rest[int(size, 16) :] == b"\r\n"
    assert rest.startswith(b"event: scene\n")


def test_a_reader_that_reads_nothing_catches_up_in_one_step(run: TrainingRun, watch: Watch) -> None:
    browser = watch()
    browser.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    other = watch()
    for epoch in range(4):
        log(run, epoch)
        other.sees(shows(epoch))
    browser.sees(shows(3))
    assert browser.parts == other.parts


def test_a_reader_that_is_stuck_is_dropped(
    run: TrainingRun, watch: Watch, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.live.watcher.STUCK_SECONDS", 0.0)
    monkeypatch.setattr(hubs, "BEAT_SECONDS", 0.001)
    browser = watch()
    browser.sees(lambda each: each.events == 1)
    monkeypatch.setattr("analysis.live.hub.BEAT", b":" * 4_000_000)
    until(lambda: hub.watcher_count == 0)


def test_a_browser_that_leaves_is_forgotten(watch: Watch, hub: Hub) -> None:
    browser = watch()
    browser.sees(lambda each: each.events == 1)
    assert hub.watcher_count == 1
    browser.sock.close()
    until(lambda: hub.watcher_count == 0)


def test_quiet_streams_are_kept_alive(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(hubs, "SWEEP_SECONDS", 0.05)
    browser = watch()
    browser.sees(lambda each: each.events == 1)
    browser.sock.settimeout(20)
    assert browser.sock.recv(3) == b":\n\n"


def test_without_redis_the_record_itself_is_looked_at(
    run: TrainingRun, watch: Watch, settings: LazySettings
) -> None:
    settings.REDIS_CACHE_URL = "redis://127.0.0.1:1/0"
    browser = watch()
    browser.sees(lambda each: each.events == 1)
    log(run, 5)
    browser.sees(shows(5))


def test_a_connection_to_postgresql_that_breaks_is_made_again(run: TrainingRun, watch: Watch) -> None:
    browser = watch()
    browser.sees(lambda each: each.events == 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    log(run, 6)
    browser.sees(shows(6))


def test_who_logs_out_or_may_no_longer_read_is_let_go(
    run: TrainingRun, watch: Watch, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "RECHECK_SECONDS", 0.0)
    monkeypatch.setattr(hubs, "SWEEP_SECONDS", 0.02)
    stays = watch()
    stays.sees(lambda each: each.events == 1)
    stays.read()
    assert not stays.has_ended
    Session.objects.all().delete()
    stays.sees(lambda each: each.has_ended)


def test_who_may_watch_is_asked_of_session_user_and_experiment(
    run: TrainingRun, visitor: Visitor, django_user_model: type
) -> None:
    def may(visitor: Visitor) -> bool:
        asked = looking.Watcher(socket.socket(), RunFeed(run.run_id), visitor, "", is_chunked=False)
        allowed = not looking.no_longer_allowed([asked])
        asked.sock.close()
        return allowed

    user = django_user_model.objects.get(pk=visitor.user_pk)
    assert may(visitor)
    assert not may(Visitor("unknown", visitor.user_pk))
    assert not may(Visitor(visitor.session_key, 0))
    grant_permission(experiment=run.experiment, user=user, level="NO_PERMISSIONS", by=None)
    assert not may(visitor)
    grant_permission(experiment=run.experiment, user=user, level="READ", by=None)
    assert may(visitor)
    user.set_password("another")
    user.save()
    assert not may(visitor)


def test_a_page_that_can_not_be_drawn_lets_only_its_own_go(
    run: TrainingRun, watch: Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(WorkersFeed, "scene", lambda _: 1 / 0)
    browser = watch()
    browser.sees(lambda each: each.events == 1)
    for _ in range(2):
        bad = watch(WorkersFeed(1))
        bad.sees(lambda each: each.has_ended)
        assert (bad.events, bad.is_over) == (0, False)
    log(run, 4)
    browser.sees(shows(4))
    assert "WorkersFeed" in caplog.text
    assert "their browsers come back" not in caplog.text


def test_an_error_lets_all_go_and_the_hub_goes_on(
    watch: Watch, hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(looking, "look", lambda *_: 1 / 0)
        patch.setattr(hub._selector, "unregister", lambda _: dict[str, int]()["gone"])
        patch.setattr(looking, "let_go", lambda: 1 / 0)
        browser = watch()
        browser.sees(lambda each: each.has_ended)
        until(lambda: "could not be shut properly" in caplog.text)
    assert "their browsers come back" in caplog.text
    assert hub.watcher_count == 0
    watch().sees(lambda each: each.events == 1)


def test_a_connection_that_can_not_be_listened_to_is_let_go_alone(
    run: TrainingRun, watch: Watch, visitor: Visitor, hub: Hub
) -> None:
    browser = watch()
    browser.sees(lambda each: each.events == 1)
    ours, theirs = socket.socketpair()
    broken = looking.Watcher(theirs, RunFeed(run.run_id), visitor, "", is_chunked=False)
    for sock in (ours, theirs):
        sock.close()
    hub._arrivals.put(broken)
    hub._rouse()
    log(run, 8)
    browser.sees(shows(8))
    assert hub.watcher_count == 1


def test_a_hub_whose_thread_has_ended_is_no_hub(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_running", hub)
    assert running.hub() is hub
    hub.stop()
    assert running.hub() is None


def test_where_time_runs_out_the_rest_comes_first_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def scene(feed: WorkersFeed) -> Scene:
        asked.append(feed.viewer_pk)
        if feed.viewer_pk:
            raise StoreUnavailableError("slow")
        return Scene({})

    monkeypatch.setattr(WorkersFeed, "scene", scene)
    due = [Watched(WorkersFeed(number)) for number in range(3)]
    for now in (100.0, 101.0, 102.0):
        assert looking.look(due, now) == []
    assert asked == [0, 1, 2, 0, 1]
    assert [each.due for each in due] == [NEVER, 103.0, 103.0]


def test_whether_one_may_watch_is_told_apart_from_an_error_of_another(
    run: TrainingRun, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WorkersFeed, "is_open_to", lambda *_: 1 / 0)
    feeds = (RunFeed(run.run_id), WorkersFeed(visitor.user_pk))
    asked = [looking.Watcher(socket.socket(), feed, visitor, "", is_chunked=False) for feed in feeds]
    assert looking.no_longer_allowed(asked) == asked[1:]
    for watcher in asked:
        watcher.sock.close()


def test_a_hub_that_is_full_says_so(watch: Watch, hub: Hub) -> None:
    for _ in range(3):
        assert not hub.is_full(0)
        watch()
    until(lambda: hub.is_full(0))  # one is counted nowhere while the hub's thread takes it in


def test_one_user_cannot_take_all_places(watch: Watch, hub: Hub, visitor: Visitor) -> None:
    hub._of_one = 1
    browser = watch()
    browser.sees(lambda each: each.events == 1)
    assert (hub.is_full(visitor.user_pk), hub.is_full(visitor.user_pk + 1)) == (True, False)
    browser.sock.close()
    until(lambda: not hub.is_full(visitor.user_pk))


@pytest.mark.usefixtures("bells_alone")
def test_stopping_ends_all_streams_at_once(watch: Watch, hub: Hub) -> None:
    browser = watch(is_chunked=True)
    browser.sees(lambda each: each.events == 1)
    hub.stop()
    hub._thread.join(20)
    browser.sees(lambda each: each.has_ended)
    late = watch()
    late.sees(lambda each: each.has_ended)
    assert "live-hub" not in {thread.name for thread in threading.enumerate()}


def until(holds: object) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.usefixtures("bells_alone")
def test_a_leaderboard_and_the_workers_move_for_those_who_may_read(
    run: TrainingRun, watch: Watch, visitor: Visitor, redis_keys: None
) -> None:
    workers = watch(WorkersFeed(visitor.user_pk, pause_seconds=0.5))
    workers.sees(lambda each: "Nobody" not in each.parts.get("workers", "Nobody"))
    put(Beat(run.run_id, "ada", "api", "gpu-1"))
    workers.sees(lambda each: "gpu-1" in each.parts["workers"])
    board = watch(BoardFeed("d", "accuracy", visitor.user_pk))
    board.sees(lambda each: "Nobody stands here yet" in each.parts.get("board", ""))
    RunFactory.create(dataset=DatasetFactory.create(name="d"), status="FINISHED", accuracy=0.9, name="winner")
    forget_rung()
    assert ring(BOARDS)
    board.sees(lambda each: "winner" in each.parts["board"])


def test_a_feed_of_another_person_is_not_theirs(visitor: Visitor, django_user_model: type) -> None:
    user = django_user_model.objects.get(pk=visitor.user_pk)
    for ours, theirs in (
        (WorkersFeed(user.pk), WorkersFeed(user.pk + 1)),
        (BoardFeed("d", "accuracy", user.pk), BoardFeed("d", "accuracy", user.pk + 1)),
    ):
        assert (ours.is_open_to(user), theirs.is_open_to(user)) == (True, False)
    user.is_active = False
    user.save()
    with pytest.raises(NotFoundError):
        WorkersFeed(user.pk).scene()
