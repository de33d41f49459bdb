"""The checker finds each kind of damage, and nothing where there is none."""

from dataclasses import replace
from typing import Any

import pytest

from .checker import Findings, Record, Snapshot, check
from .ledger import Ledger, Told
from .nemesis import VICTIMS, schedule

FIELDS = {"step": 3, "status": "FINISHED", "deleted": False}
GOOD = Record("a", "r1", FIELDS, ("n0", "n1"))
NOTHING = Findings(*[0] * 12)


def findings(postgres: list[Record], mongodb: list[Record], **other: Any) -> Findings:
    told = Told("r1", "a", expected=dict(FIELDS), notes=["n0", "n1"])
    return check(Ledger("x", runs=[told]), Snapshot(postgres, mongodb, **other))


def changed(**fields: Any) -> Record:
    return replace(GOOD, fields=FIELDS | fields)


def test_a_run_that_is_everywhere_as_told_is_no_finding() -> None:
    assert findings([GOOD], [GOOD]) == NOTHING


def test_a_store_that_does_not_hold_a_field_is_not_blamed_for_it() -> None:
    assert findings([replace(GOOD, fields={"status": "FINISHED"}, notes=None)], [GOOD]) == NOTHING


@pytest.mark.parametrize(
    ("postgres", "mongodb", "expected"),
    [
        ([GOOD], [], {"lost": 1, "only_postgres": 1}),
        ([], [GOOD], {"lost": 1, "only_mongodb": 1}),
        ([], [], {"lost": 1}),
        ([GOOD, replace(GOOD, run_id="b")], [GOOD, replace(GOOD, run_id="b")], {"duplicated": 1}),
        ([GOOD], [changed(step=2)], {"diverged": 1, "updates_lost": 1}),
        ([changed(step=2)], [changed(step=2)], {"updates_lost": 2}),
        ([GOOD], [replace(GOOD, notes=("n0",))], {"diverged": 1, "notes_lost": 1}),
        ([GOOD], [replace(GOOD, notes=("n0", "n1", "n1"))], {"diverged": 1, "notes_twice": 1}),
    ],
)
def test_each_kind_of_damage_is_counted(
    postgres: list[Record], mongodb: list[Record], expected: dict[str, int]
) -> None:
    assert findings(postgres, mongodb) == replace(NOTHING, **expected)


def test_what_waits_or_is_parked_or_stale_counts_as_damage() -> None:
    assert findings([GOOD], [GOOD], owed=1, parked=2, stale=["x"], leaderboard_errors=1).total == 5


def test_the_same_seed_strikes_the_same_blows_and_each_victim_several_times() -> None:
    blows = schedule(5, 20, kills=3, pauses=2)
    assert blows == schedule(5, 20, kills=3, pauses=2) != schedule(6, 20, kills=3, pauses=2)
    for victim in VICTIMS:
        acts = [blow.act for blow in blows if blow.victim == victim]
        assert acts.count("kill") >= 3
        assert acts.count("pause") >= 2
        assert acts.count("pause") == acts.count("resume")
