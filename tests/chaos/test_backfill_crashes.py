"""A backfill that is killed at any point: the same command goes on, and nothing is lost or doubled."""

from typing import Any

import pytest

from tests.private_stack import PrivateStack

from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(400)]
POINTS = (
    "backfill.before_commit",
    "backfill.after_commit",
    "deliver.after_mongodb",
    "deliver.after_redis",
    "deliver.after_confirm",
    "relay.after_apply",
)
RUNS, BATCH = 9, 3
KILLS, MANY, FEW = 2, 120, 24


@pytest.mark.parametrize("point", POINTS)
def test_a_walk_that_dies_goes_on_where_its_last_batch_was_committed(zygote: Zygote, point: str) -> None:
    _, ids = zygote.do("backfill_fill", runs=RUNS)
    # each batch is delivered to two stores
    nth = (
        2 if point.startswith("backfill.") or point in ("deliver.after_mongodb", "deliver.after_redis") else 3
    )
    lived, _ = zygote.do("backfill_walk", batch=BATCH, crash_at=f"{point}:{nth}")
    assert not lived
    changed = ids[::BATCH]  # by people meanwhile: runs with a body and without
    for run_id in changed:
        zygote.do("change", run_id=run_id, step=1, stage="late")
    _, walked = zygote.do("backfill_walk", batch=BATCH)
    committed = BATCH if point == "backfill.before_commit" else 2 * BATCH
    assert walked == {
        "total": RUNS, "looked_at": RUNS, "made": RUNS, "sent_again": 0, "is_verified": True,
        "resumed_at": committed,
    }  # fmt: skip
    everything_is_there(zygote, changed=changed)


@pytest.mark.parametrize(
    "point", ["backfill.before_commit", "backfill.after_commit", "deliver.after_mongodb"]
)
def test_bodies_that_are_sent_again_survive_a_death_too(zygote: Zygote, point: str) -> None:
    zygote.do("backfill_fill", runs=RUNS)
    zygote.do("backfill_walk", batch=BATCH)
    lived, _ = zygote.do("backfill_walk", batch=BATCH, again=True, crash_at=f"{point}:2")
    assert not lived
    _, walked = zygote.do("backfill_walk", batch=BATCH, again=True)
    assert (walked["is_verified"], walked["sent_again"]) == (True, RUNS)
    everything_is_there(zygote, changed=[])


def test_a_command_that_is_killed_again_and_again_beside_writers_ends_well(
    stack: PrivateStack, zygote: Zygote
) -> None:
    _, ids = zygote.do("backfill_fill", runs=MANY)
    changed: list[str] = []
    for kill in range(1, KILLS + 1):
        command = stack.begin(stack.python("manage.py", "migrate_runs_to_mongo", "--batch", "4"))
        while zygote.do("backfill_looked_at")[1] < kill * MANY / 4:
            changed.append(ids[len(changed) * 7 % len(ids)])
            zygote.do("change", run_id=changed[-1], step=1, stage="late")
            assert command.poll() is None
        command.kill()
        command.communicate()
    done = stack.manage("migrate_runs_to_mongo", "--json")
    assert done.returncode == 0, done.stderr
    assert "was cut off" in " ".join(done.stderr.split())
    everything_is_there(zygote, changed=changed, runs=MANY)


def everything_is_there(zygote: Zygote, *, changed: list[str], runs: int = RUNS) -> None:
    """Every run has one body, as its row and the people who changed it meanwhile say; nothing is owed."""
    told: dict[str, Any] = zygote.do("backfill_told")[1]
    assert (told["is_good"], told["parts"], told["owed"]) == (True, runs, 0)
    assert len(told["documents"]) == runs
    late = {"tags": [{"k": "stage", "v": "late"}], "custom": {"step": 1}}
    for run_id, document in told["documents"].items():
        expected = {"params": {"lr": 0.1}, "metrics": {}, "tags": []}
        assert document == (expected | late if run_id in changed else expected)


def test_a_walk_without_mongodb_promises_everything_and_the_relay_delivers_it(
    stack: PrivateStack, zygote: Zygote
) -> None:
    _, ids = zygote.do("backfill_fill", runs=FEW)
    words = stack.python("manage.py", "migrate_runs_to_mongo", "--batch", "4")
    command = stack.begin(["env", "MONGODB_TIMEOUT_MS=300", *words])
    while not zygote.do("backfill_looked_at")[1]:
        assert command.poll() is None
    with stack.hung("mongodb"):
        command.communicate(timeout=100)
    assert command.returncode == 1
    assert zygote.do("backfill_looked_at")[1] == FEW
    zygote.do("change", run_id=ids[-1], step=1, stage="late")
    assert stack.manage("relay_outbox", "--once").returncode == 0
    assert stack.manage("migrate_runs_to_mongo", "--verify-only").returncode == 0
    everything_is_there(zygote, changed=[ids[-1]], runs=FEW)
