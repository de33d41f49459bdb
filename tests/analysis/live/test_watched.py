import pytest

from analysis.live.run_feed import RunFeed
from analysis.live.scene import Scene
from analysis.live.watched import NEVER, Watched
from analysis.live.workers_feed import WorkersFeed

SCENE = Scene({"lead": "x"})


def test_a_bell_is_answered_at_once_and_once_more_after_the_last() -> None:
    watched = Watched(RunFeed("a"), due=NEVER)
    watched.ring(100.0, again_after=0.3)
    assert watched.due == 100.0
    watched.show(SCENE, "", 100.0)
    watched.looked(100.0)
    assert watched.due == 100.5
    watched.show(SCENE, "", 100.5)
    watched.looked(100.5)
    assert watched.due == NEVER


@pytest.mark.parametrize(("cost", "pause"), [(0.001, 0.5), (0.2, 2.0), (60, 5.0)])
def test_what_takes_long_to_render_is_rendered_less_often(cost: float, pause: float) -> None:
    watched = Watched(RunFeed("a"))
    watched.show(SCENE, "", 99.0, cost_seconds=60)
    assert watched.pause == 0.5  # once may be a cold start
    watched.show(SCENE, "", 100.0, cost_seconds=cost)
    watched.due = NEVER
    watched.ring(100.1, again_after=0.3)
    assert watched.due == 100.0 + pause


def test_workers_are_drawn_less_often_than_runs() -> None:
    for feed, due in ((RunFeed("a"), 100.5), (WorkersFeed(1), 102.0)):
        watched = Watched(feed)
        watched.show(SCENE, "", 100.0)
        watched.due = NEVER
        watched.ring(100.1, again_after=0.3)
        assert watched.due == due


def test_what_has_no_stamp_is_looked_at_now_and_then() -> None:
    watched = Watched(WorkersFeed(1))
    watched.show(SCENE, "", 100.0)
    watched.due = NEVER
    watched.sweep(104.9)
    assert watched.due == NEVER
    watched.sweep(105.0)
    assert watched.due == 105.0
