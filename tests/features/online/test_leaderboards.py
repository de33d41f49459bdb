import itertools

import pytest

from features.online import leaderboards
from features.online.board_scan import Stand, all_stands
from features.online.leaderboards import Place, Standing, place, put, remove, top

pytestmark = pytest.mark.usefixtures("redis_keys")


def test_the_best_come_first_and_ties_keep_their_order() -> None:
    put([Standing("b", 1, "d", 0.9), Standing("a", 1, "d", 0.9), Standing("c", 1, "d", 0.95)])
    assert top("d") == [Place("c", 1, 0.95), Place("b", 2, 0.9), Place("a", 3, 0.9)]
    assert top("d", limit=1) == [Place("c", 1, 0.95)]
    assert place("d", "a") == (Place("a", 3, 0.9), 3)
    assert place("d", "nobody") == (None, 3)
    assert top("empty") == []


def test_whatever_the_order_the_newest_version_stands() -> None:
    versions = [
        Standing("r", 1, "d", 0.1),
        Standing("r", 2, "e", 0.2),
        Standing("r", 3),
        Standing("r", 4, "d", 0.4),
    ]
    for order in itertools.permutations(versions):
        put([*order, *order])
        assert (top("d"), top("e")) == ([Place("r", 1, 0.4)], [])
        remove(["r"])


def test_a_run_that_is_taken_off_is_not_brought_back_by_what_comes_late() -> None:
    put([Standing("r", 1, "d", 0.5)])
    put([Standing("r", 2)])
    put([Standing("r", 1, "d", 0.5)])
    assert top("d") == []
    assert all_stands() == {"r": Stand(2, "", {})}


def test_everything_that_stands_can_be_read_back() -> None:
    put([Standing("a", 3, "d", 0.5), Standing("b", 1)])
    board = leaderboards.keys.board("d", "accuracy")
    assert all_stands() == {"a": Stand(3, board, {board: 0.5}), "b": Stand(1, "", {})}
    remove(["a", "unknown"])
    remove([])
    assert all_stands() == {"b": Stand(1, "", {})}
