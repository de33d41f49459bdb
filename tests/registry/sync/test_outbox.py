import datetime as dt
import os
import random
import threading
from collections.abc import Callable
from typing import Any

import bson
import pytest
from django.db import connections, transaction
from django.utils import timezone

from registry.documents.connection import collection
from registry.documents.guarded import replace_older
from registry.enums import OutboxStatus
from registry.exceptions import BodyTooLargeError
from registry.models import AuditEntry, BodyPart, OutboxEntry, TrainingRun
from registry.services.run_custom import set_run_custom
from registry.services.run_log import log_epoch
from registry.services.runs import end_run, start_run
from registry.services.tags import set_run_tags
from registry.sync import delivery
from registry.sync.bodies import read_bodies
from registry.sync.outbox import HEADSTART_SECONDS, Part, promise
from registry.sync.relay import drain, relay_once, retry_parked
from registry.sync.run_bodies import kept_body, run_body, run_log
from registry.sync.targets import TargetUnavailableError
from tests.factories import ExperimentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]
MONGODB = 1
HEAD = {"experiment_id": "a" * 32, "started_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}


@pytest.fixture(autouse=True)
def _experiment() -> None:
    ExperimentFactory(name="e")


def stored(run_id: str) -> dict[str, Any]:
    document = collection("runs").find_one({"_id": run_id})
    assert document is not None
    return document


def make_due() -> None:
    OutboxEntry.objects.update(next_at="2026-01-01T00:00Z")


def promise_part(**changed: Any) -> None:
    usual = {"collection": "runs", "document_id": "a" * 32, "owner_id": "a" * 32, "version": 1}
    promise(**{**usual, "part": Part("start"), **changed})


def test_an_effect_is_promised_only_inside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        promise_part()


def test_a_rolled_back_change_owes_nothing() -> None:
    with transaction.atomic():
        start_run(experiment="e")
        transaction.set_rollback(True)
    assert (OutboxEntry.objects.count(), BodyPart.objects.count(), AuditEntry.objects.count()) == (0, 0, 0)
    assert TrainingRun.objects.count() == 0
    assert collection("runs").count_documents({}) == 0


def test_a_body_in_mongodb_is_what_postgresql_keeps_byte_for_byte() -> None:
    run = start_run(experiment="e", config={"a": {"b": [1, 2.5, "$x"]}, "c.d": None}, tags={"t": "x"})
    set_run_custom(run_id=run.run_id, custom={"n": 2**62, "nan": 1.5})
    end_run(run_id=run.run_id)
    ((body,),) = read_bodies([("runs", run.run_id)])
    assert bson.encode(stored(run.run_id)) == bson.encode(body.document)
    assert (body.version, kept_body(run.run_id)) == (3, run_body(run).body)


def test_without_mongodb_a_run_is_accepted_and_its_body_catches_up(
    mongodb_away: Callable[[], None],
) -> None:
    run = start_run(experiment="e", config={"lr": 0.1})
    set_run_tags(run_id=run.run_id, tags={"t": "x"})
    end_run(run_id=run.run_id)
    run.refresh_from_db()
    assert (run.status, run.version, run.body_version) == ("FINISHED", 3, 0)
    waiting = OutboxEntry.objects.filter(target=MONGODB)
    assert [(entry.attempts, entry.status) for entry in waiting] == [(0, OutboxStatus.DUE)] * 3
    assert all(entry.last_error for entry in waiting)

    mongodb_away()
    assert drain() >= 3
    run.refresh_from_db()
    assert (run.body_version, OutboxEntry.objects.count()) == (3, 0)
    view = run_body(run)
    assert view.is_current
    assert view.body is not None
    assert (view.body["params"], view.body["status"]) == ({"lr": 0.1}, "FINISHED")


def test_the_relay_claims_nothing_while_the_store_is_away(mongodb_away: Callable[[], None]) -> None:
    start_run(experiment="e")
    make_due()
    for _ in range(2):
        with pytest.raises(TargetUnavailableError):
            relay_once(MONGODB)
    assert OutboxEntry.objects.get(target=MONGODB).attempts == 0
    mongodb_away()
    assert (relay_once(MONGODB), relay_once(MONGODB)) == (1, 0)
    assert OutboxEntry.objects.count() == 0


def test_a_row_is_left_to_its_writer_for_a_second(mongodb_away: Callable[[], None]) -> None:
    began = timezone.now()
    start_run(experiment="e")
    entry = OutboxEntry.objects.get(target=MONGODB)
    assert began <= entry.next_at - dt.timedelta(seconds=HEADSTART_SECONDS) <= timezone.now()
    OutboxEntry.objects.update(next_at=entry.next_at + dt.timedelta(minutes=5))  # that second may be over
    mongodb_away()
    assert relay_once(MONGODB) == 0


def test_many_changes_of_one_run_are_one_write(mongodb_away: Callable[[], None]) -> None:
    run = start_run(experiment="e")
    for value in range(20):
        set_run_tags(run_id=run.run_id, tags={"t": str(value)})
    mongodb_away()
    database = collection("runs").database
    database.command("profile", 2)
    try:
        assert drain() == 21
    finally:
        database.command("profile", 0)
    writes = database["system.profile"].count_documents({"op": "update", "ns": f"{database.name}.runs"})
    database.drop_collection("system.profile")
    assert writes == 1
    assert (stored(run.run_id)["v"], stored(run.run_id)["tags"]) == (21, [{"k": "t", "v": "19"}])


def test_effects_in_any_order_and_more_than_once_end_on_the_newest() -> None:
    run = start_run(experiment="e", config={"lr": 0.1})
    documents = [stored(run.run_id)]
    for value in ("1", "2", "3"):
        set_run_tags(run_id=run.run_id, tags={"t": value})
        documents.append(stored(run.run_id))
    shuffled = random.Random(7)
    for _ in range(10):
        collection("runs").delete_many({})
        order = documents * 2
        shuffled.shuffle(order)
        for document in order:
            collection("runs").bulk_write([replace_older(document)])
        assert stored(run.run_id) == documents[-1]


def test_racing_first_writes_end_on_the_newest_version() -> None:
    base = stored(start_run(experiment="e").run_id)
    for trial in range(30):
        doc_id = f"{trial:032x}"
        operations = [replace_older({**base, "_id": doc_id, "v": v, "name": f"v{v}"}) for v in range(1, 9)]
        random.Random(trial).shuffle(operations)
        threads = [
            threading.Thread(target=collection("runs").bulk_write, args=([each],)) for each in operations
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (stored(doc_id)["name"], stored(doc_id)["v"]) == ("v8", 8)


def break_body(run_id: str, content: dict[str, Any]) -> None:
    part = BodyPart.objects.get(document_id=run_id, part="start")
    payload = bson.decode(part.payload)
    payload["set"] |= content
    BodyPart.objects.filter(pk=part.pk).update(payload=bson.encode(payload))


def test_what_mongodb_will_never_take_is_parked_and_the_rest_goes_on(
    mongodb_away: Callable[[], None],
) -> None:
    good, bad = start_run(experiment="e"), start_run(experiment="e")
    break_body(bad.run_id, {"status": "NO_SUCH_STATUS"})
    mongodb_away()
    assert drain() == 1
    parked = OutboxEntry.objects.get()
    assert (parked.aggregate_id, parked.status) == (bad.run_id, OutboxStatus.PARKED)
    assert "validation" in parked.last_error
    assert stored(good.run_id)["v"] == 1
    assert drain() == 0

    break_body(bad.run_id, {"status": "RUNNING"})
    assert (retry_parked(), drain(), OutboxEntry.objects.count()) == (1, 1, 0)
    assert stored(bad.run_id)["status"] == "RUNNING"


def test_a_document_that_outgrows_the_limit_is_parked_alone(mongodb_away: Callable[[], None]) -> None:
    runs = [start_run(experiment="e") for _ in range(3)]
    break_body(runs[1].run_id, {"environment": {"x": "y" * 17 * 1024 * 1024}})
    mongodb_away()
    assert drain() == 2
    assert OutboxEntry.objects.get().status == OutboxStatus.PARKED


def test_a_row_that_never_ends_well_is_parked_in_the_end(mongodb_away: Callable[[], None]) -> None:
    start_run(experiment="e")
    OutboxEntry.objects.update(attempts=15)
    mongodb_away()
    assert drain() == 0
    parked = OutboxEntry.objects.get()
    assert (parked.status, parked.last_error) == (OutboxStatus.PARKED, "Given up after 15 attempts.")


def test_an_effect_too_large_for_mongodb_is_refused_with_its_transaction() -> None:
    with pytest.raises(BodyTooLargeError), transaction.atomic():
        promise_part(part=Part("start", {"x": os.urandom(16 * 1024 * 1024)}))
    assert (OutboxEntry.objects.count(), BodyPart.objects.count()) == (0, 0)


def test_relays_side_by_side_share_the_work(mongodb_away: Callable[[], None]) -> None:
    for number in range(600):
        with transaction.atomic():
            promise_part(
                document_id=f"{number:032x}",
                owner_id=f"{number:032x}",
                part=Part("start", HEAD),
                is_urgent=False,
            )
    mongodb_away()
    make_due()
    OutboxEntry.objects.update(attempts=4)  # who has tried so often claims them for half a minute
    claimed: list[int] = []

    def work() -> None:
        while count := relay_once(MONGODB):
            claimed.append(count)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(claimed) == 600
    assert (collection("runs").count_documents({}), OutboxEntry.objects.count()) == (600, 0)


def test_a_relay_that_was_frozen_past_its_claim_does_no_harm(mongodb_away: Callable[[], None]) -> None:
    run = start_run(experiment="e")
    set_run_tags(run_id=run.run_id, tags={"t": "old"})
    ((frozen,),) = read_bodies([("runs", run.run_id)])  # it read, and was stopped before it wrote
    mongodb_away()
    set_run_tags(run_id=run.run_id, tags={"t": "new"})
    collection("runs").bulk_write([replace_older(frozen.document)])
    assert stored(run.run_id)["tags"] == [{"k": "t", "v": "new"}]


def test_epochs_wait_for_the_runs_next_change_and_go_as_one_document() -> None:
    run = start_run(experiment="e")
    for epoch in range(1, 51):
        log_epoch(run_id=run.run_id, epoch=epoch, metrics={"loss": 1 / epoch})
    assert OutboxEntry.objects.count() == 50
    end_run(run_id=run.run_id)
    assert OutboxEntry.objects.count() == 0
    assert len(run_log(run.run_id, "epoch")) == 50


def test_reading_delivers_what_is_still_owed() -> None:
    run = start_run(experiment="e")
    log_epoch(run_id=run.run_id, epoch=1, metrics={"loss": 1.0})
    assert collection("run_logs").count_documents({}) == 0
    assert [each.key for each in run_log(run.run_id, "epoch")] == ["1"]


def test_a_failure_after_commit_is_not_told_as_a_failure_of_the_change(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # PostgreSQL going away between the commit and the confirmation, made by a statement it refuses
    monkeypatch.setattr(delivery, "CONFIRM", "SELECT 1 / 0")
    run = start_run(experiment="e")
    assert stored(run.run_id)["v"] == 1
    assert OutboxEntry.objects.count() == 1
    monkeypatch.undo()
    assert drain() == 1


def test_every_change_says_who_made_it() -> None:
    run = start_run(experiment="e")
    end_run(run_id=run.run_id)
    trail = AuditEntry.objects.filter(subject_id=run.run_id).order_by("id")
    assert [entry.action for entry in trail] == ["run.start", "run.finished"]
