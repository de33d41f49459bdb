import itertools

import pytest
from django.conf import LazySettings

from features.online import leaderboards
from features.online.board_scan import Stand, all_stands
from features.online.leaderboards import (
    BoardHead,
    Place,
    Standing,
    are_built,
    head,
    note_built,
    places,
    put,
    remove,
    sizes,
)
from registry.exceptions import NotFoundError

pytestmark = pytest.mark.usefixtures("redis_keys")


def top(dataset: str, metric: str = "accuracy", *, limit: int = 10) -> list[Place]:
    note_built()
    found = head(dataset, metric, limit=limit)
    assert found is not None
    return found.places


def test_the_best_come_first_and_ties_keep_their_order() -> None:
    put(
        [
            Standing("b", 1, "d", {"accuracy": 0.9}),
            Standing("a", 1, "d", {"accuracy": 0.9}),
            Standing("c", 1, "d", {"accuracy": 0.95}),
        ]
    )
    assert top("d") == [Place("c", 1, 0.95), Place("b", 2, 0.9), Place("a", 3, 0.9)]
    assert top("d", limit=1) == [Place("c", 1, 0.95)]
    assert places("d", "a") == {"accuracy": (Place("a", 3, 0.9), 3)}
    assert places("d", "nobody") == {"accuracy": (None, 3)}
    assert top("empty") == []


def test_a_run_stands_on_a_board_for_each_metric_and_the_least_loss_is_first() -> None:
    put(
        [
            Standing(name, 1, "d", {"accuracy": 0.5, "loss": loss})
            for name, loss in (("a", 0.3), ("b", 0.1), ("c", 0.1))
        ]
    )
    assert top("d", "loss") == [Place("b", 1, 0.1), Place("c", 2, 0.1), Place("a", 3, 0.3)]
    assert places("d", "a", ["accuracy", "loss", "f1"]) == {
        "accuracy": (Place("a", 3, 0.5), 3), "loss": (Place("a", 3, 0.3), 3), "f1": (None, 0),
    }  # fmt: skip
    put([Standing("a", 2, "e", {"loss": 0.2})])
    assert (sizes("d")["accuracy"], sizes("d")["loss"], sizes("e")["loss"]) == (2, 2, 1)


def test_boards_of_other_metrics_than_todays_are_not_believed(settings: LazySettings) -> None:
    assert (are_built(), head("d")) == (False, None)
    note_built()
    assert head("d") == BoardHead([], 0)
    settings.LEADERBOARD_METRICS = {"accuracy": "higher"}
    assert (are_built(), head("d")) == (False, None)
    with pytest.raises(NotFoundError, match="'loss' has no leaderboards"):
        head("d", "loss")


def test_whatever_the_order_the_newest_version_stands() -> None:
    versions = [
        Standing("r", 1, "d", {"accuracy": 0.1}),
        Standing("r", 2, "e", {"accuracy": 0.2}),
        Standing("r", 3),
        Standing("r", 4, "d", {"accuracy": 0.4}),
    ]
    for order in itertools.permutations(versions):
        put([*order, *order])
        assert (top("d"), top("e")) == ([Place("r", 1, 0.4)], [])
        remove(["r"])


def test_a_run_that_is_taken_off_is_not_brought_back_by_what_comes_late() -> None:
    put([Standing("r", 1, "d", {"accuracy": 0.5})])
    put([Standing("r", 2)])
    put([Standing("r", 1, "d", {"accuracy": 0.5})])
    assert top("d") == []
    assert all_stands() == {"r": Stand(2)}


def test_everything_that_stands_can_be_read_back() -> None:
    put([Standing("a", 3, "d", {"accuracy": 0.5}), Standing("b", 1)])
    board = leaderboards.keys.board("d", "accuracy")
    assert all_stands() == {"a": Stand(3, (board,), {board: 0.5}), "b": Stand(1)}
    remove(["a", "unknown"])
    remove([])
    assert all_stands() == {"b": Stand(1)}
