from io import StringIO
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from features import keys
from features.online import connection, leaderboards
from features.online.leaderboards import Standing
from features.services.boards import build_missing_boards, rebuild_boards
from registry.models import TrainingRun
from tests.factories import DatasetFactory, RunFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


@pytest.fixture
def run() -> TrainingRun:
    run = RunFactory.create(dataset=DatasetFactory.create(name="d"), accuracy=0.5, loss=2.5)
    RunFactory.create(dataset=DatasetFactory.create(name="[e]*"), accuracy=0.25)
    return run


def told(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command("leaderboard", *words, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def scores(dataset: str, metric: str) -> dict[str, float]:
    found: Any = connection.store().zrange(keys.board(dataset, metric), 0, -1, withscores=True)
    return {member.decode(): score for member, score in found}


def test_boards_are_built_where_they_are_not_whole(run: TrainingRun) -> None:
    assert (build_missing_boards(), build_missing_boards()) == (2, 0)
    assert (scores("d", "accuracy"), scores("d", "loss")) == ({run.run_id: 0.5}, {run.run_id: 2.5})


def test_one_board_is_rebuilt_and_what_does_not_belong_there_goes(run: TrainingRun) -> None:
    leaderboards.put(
        [Standing("f" * 32, 1, "d", {"loss": 1.0}), Standing("e" * 32, 1, "[e]*", {"loss": 1.0})]
    )
    assert list(rebuild_boards(dataset="d", metric="loss"))
    assert scores("d", "loss") == {run.run_id: 2.5}
    assert list(scores("[e]*", "loss")) == ["e" * 32]
    assert not leaderboards.are_built()
    assert list(rebuild_boards(dataset="[e]*"))
    assert "e" * 32 not in scores("[e]*", "loss")


def test_the_command_shows_verifies_and_rebuilds(run: TrainingRun) -> None:
    with pytest.raises(CommandError, match="3 stand otherwise"):
        told("verify")
    assert told("rebuild") == "2 runs stand in their places.\n"
    assert told("verify") == "The boards are as PostgreSQL has them.\n"
    rows = orjson.loads(told("show", "--dataset", "d", "--metric", "loss", "--json"))
    assert [(row["rank"], row["score"], row["run_id"]) for row in rows] == [(1, 2.5, run.run_id)]
    connection.store().zadd(keys.board("d", "loss"), {run.run_id: 9.0})
    assert told("verify", "--dataset", "[e]*").startswith("The boards are as")
    with pytest.raises(CommandError, match="1 stand otherwise"):
        told("verify", "--metric", "loss")
    with pytest.raises(CommandError, match="no dataset named 'nothing'"):
        told("rebuild", "--dataset", "nothing")


def test_the_command_says_where_redis_is_not_whole(run: TrainingRun) -> None:
    err = StringIO()
    call_command("leaderboard", "show", dataset="d", stdout=StringIO(), stderr=err)
    assert "manage.py leaderboard rebuild" in err.getvalue()
