"""Walks over runs without bodies, in the real stores."""

import datetime as dt
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from django.db import connection, transaction

from registry.documents import plain
from registry.documents.connection import collection
from registry.enums import OutboxStatus
from registry.exceptions import ConflictError, NotFoundError
from registry.models import Backfill, BodyPart, OutboxEntry, RunTag, TrainingRun
from registry.services.params import log_params
from registry.services.run_custom import set_run_custom
from registry.services.run_log import add_note
from registry.services.runs import start_run
from registry.services.tags import set_run_tags
from registry.sync import relay
from registry.sync.backfill import promise_bodies
from registry.sync.backfill_check import Progress, Verification, verify
from registry.sync.backfill_choice import Choice, Foreseen, foresee
from registry.sync.backfill_runs import LOCK, Migrated, Resumed, migrate
from registry.sync.reconcile.drift import Kind
from tests.factories import ExperimentFactory, ParamFactory, RunFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]
EVERYTHING = Choice()
AGAIN = Choice(is_again=True)


def written(number: int, **named: Any) -> list[TrainingRun]:
    """Rows of runs with a param and a tag, as plain SQL leaves them."""
    experiment = named.pop("experiment", None) or ExperimentFactory.create()
    runs = RunFactory.create_batch(number, experiment=experiment, dataset=None, **named)
    for run in runs:
        ParamFactory.create(run=run)
        RunTag.objects.create(run=run, key="team", value="a")
    return runs


def walk(choice: Choice = EVERYTHING, **named: Any) -> Migrated:
    *_, migrated = migrate(choice, **named)
    assert isinstance(migrated, Migrated)
    return migrated


def counts(migrated: Migrated) -> dict[str, int]:
    names = ("total", "looked_at", "made", "sent_again", "waiting", "refused")
    return {name: getattr(migrated.backfill, name) for name in names if getattr(migrated.backfill, name)}


def documents() -> dict[str, Any]:
    return {each["_id"]: each for each in collection("runs").find()}


def everything() -> dict[str, Any]:
    """All that a walk could change."""
    parts = BodyPart.objects.order_by("pk").values_list("document_id", "part", "version", "checksum")
    rows = TrainingRun.objects.order_by("pk").values_list("pk", "version", "body_version", "body_bytes")
    return {
        "documents": documents(),
        "parts": list(parts),
        "rows": list(rows),
        "owed": OutboxEntry.objects.count(),
        "walks": list(Backfill.objects.values()),
    }


def stopped_after(batches: int, **named: Any) -> None:
    """A walk of which nobody asked for more steps."""
    steps = migrate(EVERYTHING, **named)
    for _ in range(batches):
        next(steps)
    steps.close()


def test_every_run_gets_its_document_and_the_stores_agree() -> None:
    runs = written(5)
    *steps, migrated = migrate(EVERYTHING, batch=2)
    assert isinstance(migrated, Migrated)
    assert [step for step in steps if isinstance(step, Progress)][:3] == [
        Progress("Bodies", 2, 5),
        Progress("Bodies", 4, 5),
        Progress("Bodies", 5, 5),
    ]
    assert counts(migrated) == {"total": 5, "looked_at": 5, "made": 5}
    assert migrated.verification.is_good
    assert migrated.backfill.is_verified
    assert migrated.runs_per_second > 0
    found = documents()
    assert {run.run_id for run in runs} == found.keys()
    assert all(each["params"] == {"lr": 0.1} for each in found.values())
    assert all(each["tags"] == [{"k": "team", "v": "a"}] for each in found.values())
    assert not OutboxEntry.objects.exists()


def test_a_repetition_changes_nothing() -> None:
    written(3)
    walk()
    before = everything() | {"walks": None}
    assert counts(walk()) == {"total": 3, "looked_at": 3}
    assert everything() | {"walks": None} == before


def test_what_people_added_stays_when_bodies_are_sent_again() -> None:
    (run, *_) = written(2, status="RUNNING")
    walk()
    set_run_tags(run_id=run.run_id, tags={"team": "b", "mine": "yes"})
    set_run_custom(run_id=run.run_id, custom={"reviewed": {"by": "Ada"}})
    log_params(run_id=run.run_id, params={"depth": 3})
    add_note(run_id=run.run_id, text="looks good")
    before = everything() | {"walks": None}
    collection("runs").delete_many({})
    collection("run_logs").delete_many({})
    migrated = walk(AGAIN)
    assert counts(migrated) == {"total": 2, "looked_at": 2, "sent_again": 3}
    assert migrated.verification.is_good
    assert everything() | {"walks": None} == before
    assert collection("run_logs").count_documents({"run_id": run.run_id}) == 1


def test_a_walk_that_was_cut_off_goes_on_where_its_last_batch_was_committed() -> None:
    written(5)
    stopped_after(2, batch=2)
    first, *_, migrated = migrate(EVERYTHING, batch=2)
    assert isinstance(first, Resumed)
    assert (first.looked_at, first.total) == (4, 5)
    assert isinstance(migrated, Migrated)
    assert counts(migrated) == {"total": 5, "looked_at": 5, "made": 5}
    assert Backfill.objects.count() == 1


def test_a_walk_with_another_choice_begins_at_the_beginning() -> None:
    written(3)
    stopped_after(1, batch=2)
    assert counts(walk(AGAIN)) == {"total": 3, "looked_at": 3, "made": 1, "sent_again": 2}


def test_only_the_chosen_runs_get_a_body() -> None:
    mine, other = ExperimentFactory.create(name="mine"), ExperimentFactory.create(name="other")
    january, march = (dt.datetime(2026, month, 1, tzinfo=dt.UTC) for month in (1, 3))
    written(2, experiment=mine, started_at=january)
    (wanted,) = written(1, experiment=mine, started_at=march)
    written(1, experiment=other, started_at=march)
    migrated = walk(Choice(since=dt.datetime(2026, 2, 1, tzinfo=dt.UTC), experiment="mine"))
    assert documents().keys() == {wanted.run_id}
    assert migrated.verification.is_good
    with pytest.raises(NotFoundError, match="nobody"):
        walk(Choice(experiment="nobody"))


def test_a_dry_run_tells_numbers_and_writes_nothing() -> None:
    written(3)
    walk()
    (older, _) = written(2)
    head = {"_id": older.run_id, "v": 1, "experiment_id": "e" * 32, "started_at": older.started_at}
    collection("runs").insert_one(head)
    before = everything()
    *_, foreseen = foresee(EVERYTHING, batch=2)
    assert foreseen == Foreseen(runs=5, without_body=2, in_mongodb=1, again=0, looked_at=0)
    *_, again = foresee(AGAIN)
    assert again == Foreseen(runs=5, without_body=2, in_mongodb=1, again=3, looked_at=0)
    assert everything() == before


def test_without_mongodb_bodies_are_owed_and_the_relay_delivers_them(
    mongodb_away: Callable[[], None],
) -> None:
    written(3)
    migrated = walk()
    assert counts(migrated) == {"total": 3, "looked_at": 3, "made": 3}
    assert "MongoDB does not answer" in migrated.verification.problem
    assert not migrated.backfill.is_verified
    *_, foreseen = foresee(EVERYTHING)
    assert foreseen == Foreseen(runs=3, without_body=0, in_mongodb=None, again=0, looked_at=0)
    mongodb_away()
    relay.drain()
    assert len(documents()) == 3
    assert walk().verification.is_good


def test_a_body_that_only_mongodb_has_waits_for_it_and_is_kept(mongodb_away: Callable[[], None]) -> None:
    (run,) = written(1, body_version=1)
    assert counts(walk()) == {"total": 1, "looked_at": 1, "waiting": 1}
    mongodb_away()
    older = {"_id": run.run_id, "v": 1, "experiment_id": "e" * 32, "started_at": run.started_at}
    collection("runs").insert_one(older | {"custom": {"only": "here"}, "status": "FINISHED"})
    migrated = walk()
    assert counts(migrated) == {"total": 1, "looked_at": 1, "made": 1}
    assert migrated.verification.is_good
    assert documents()[run.run_id]["custom"] == {"only": "here"}


def test_what_writers_change_meanwhile_is_there_in_the_end() -> None:
    runs = written(6, status="RUNNING")
    steps = migrate(EVERYTHING, batch=2)
    next(steps)
    for run in runs:  # with a body already, and without
        set_run_tags(run_id=run.run_id, tags={"late": "yes"})
        set_run_custom(run_id=run.run_id, custom={"n": 1})
        log_params(run_id=run.run_id, params={"depth": 3})
    new = start_run(experiment=runs[0].experiment.name)
    *_, migrated = steps
    assert isinstance(migrated, Migrated)
    assert migrated.verification.is_good
    found = documents()
    for run in runs:
        body = found[run.run_id]
        assert body["tags"] == [{"k": "late", "v": "yes"}, {"k": "team", "v": "a"}]
        assert (body["custom"], body["params"]) == ({"n": 1}, {"lr": 0.1, "depth": 3})
    assert new.run_id in found


def test_a_run_that_can_have_no_body_is_told_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "MAX_BODY_BYTES", 2_000)
    runs = written(3)
    ParamFactory.create(run=runs[1], key="text", value="x" * 2_000, value_number=None)
    migrated = walk()
    assert counts(migrated) == {"total": 3, "looked_at": 3, "made": 2, "refused": 1}
    assert list(migrated.backfill.refusals) == [runs[1].run_id]
    assert "Log large content as an artifact" in migrated.backfill.refusals[runs[1].run_id]
    assert [each.kind for each in migrated.verification.findings] == [Kind.UNKEPT]


def test_a_document_altered_by_hand_is_found_with_its_range() -> None:
    written(1, run_id="a7" * 16)
    walk()
    collection("runs").update_one({"_id": "a7" * 16}, {"$set": {"name": "by hand"}})
    found = walk().verification
    assert [(each.kind, each.subject) for each in found.findings] == [(Kind.ALTERED, "a7" * 16)]
    assert [(line.range, line.postgresql, line.mongodb, line.sums, line.apart) for line in found.lines] == [
        ("a7", 1, 1, "equal", 1)
    ]


def test_documents_that_are_lost_or_filed_nowhere_are_found_with_their_ranges() -> None:
    written(1, run_id="a7" * 16)
    written(1, run_id="b8" * 16)
    walk()
    collection("runs").delete_one({"_id": "a7" * 16})
    collection("runs").update_one({"_id": "b8" * 16}, {"$unset": {"b": 1}})
    found = walk().verification
    assert {each.kind for each in found.findings} == {Kind.MISSING, Kind.DIFFERING}
    assert [(line.range, line.postgresql, line.mongodb, line.sums, line.apart) for line in found.lines] == [
        ("none", 0, 1, "differ", 0),
        ("a7", 1, 0, "differ", 1),
        ("b8", 1, 0, "differ", 1),
    ]


def test_what_is_on_its_way_is_no_fault() -> None:
    written(1, run_id="a7" * 16, status="RUNNING")
    walk()
    with transaction.atomic():
        set_run_tags(run_id="a7" * 16, tags={"t": "x"})
    OutboxEntry.objects.all().delete()
    collection("runs").update_one({"_id": "a7" * 16}, {"$set": {"v": 1, "ck": 1}})
    OutboxEntry.objects.create(
        topic="runs", aggregate_id="a7" * 16, document_id="a7" * 16, aggregate_version=2
    )
    *_, found = verify(EVERYTHING.runs())
    assert isinstance(found, Verification)
    assert (found.is_good, found.owed) == (True, 1)
    assert [(line.range, line.sums, line.owed, line.apart) for line in found.lines] == [
        ("a7", "differ", 1, 0)
    ]


def test_one_walk_is_under_way_at_a_time() -> None:
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        with pytest.raises(ConflictError, match="Another backfill is at work"):
            walk()
        cursor.execute("SELECT pg_advisory_unlock_all()")  # a closed connection lets go a moment later


def test_what_was_given_up_is_no_debt_that_is_waited_for() -> None:
    (run,) = written(1)
    walk()
    OutboxEntry.objects.create(
        topic="runs", aggregate_id=run.run_id, document_id=run.run_id, aggregate_version=1,
        status=OutboxStatus.PARKED,
    )  # fmt: skip
    assert counts(walk(AGAIN)) == {"total": 1, "looked_at": 1, "sent_again": 1}
    assert OutboxEntry.objects.count() == 1


def test_what_an_earlier_walk_promised_and_did_not_deliver_is_delivered() -> None:
    runs = written(2)
    with transaction.atomic():
        promise_bodies([run.run_id for run in runs])
    assert not documents()
    *steps, migrated = migrate(EVERYTHING)
    assert Progress("Delivering", 4, 4) in steps  # Redis is owed them, too
    assert isinstance(migrated, Migrated)
    assert (counts(migrated), migrated.verification.is_good) == ({"total": 2, "looked_at": 2}, True)
    assert len(documents()) == 2
