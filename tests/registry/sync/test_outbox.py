import datetime as dt
import os
import random
import threading
from collections.abc import Callable

import bson
import pytest
from django.db import connections, transaction

from registry.documents.connection import collection
from registry.documents.guarded import set_parts
from registry.enums import OutboxStatus
from registry.exceptions import BodyTooLargeError
from registry.models import OutboxEntry, TrainingRun
from registry.queries.run_bodies import run_body
from registry.services.runs import end_run, start_run
from registry.services.tags import set_run_tags
from registry.sync import outbox
from registry.sync.effects import RUN_SET
from registry.sync.outbox import deliver, deliver_due, promise
from tests.factories import ExperimentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]
BEGIN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _experiment() -> None:
    ExperimentFactory(name="e")


def test_an_effect_is_promised_only_inside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        promise(topic=RUN_SET, aggregate_id="a" * 32, version=1, payload={})


def test_a_rolled_back_change_owes_nothing() -> None:
    with transaction.atomic():
        start_run(experiment="e")
        transaction.set_rollback(True)
    assert (OutboxEntry.objects.count(), TrainingRun.objects.count()) == (0, 0)
    assert collection("runs").count_documents({}) == 0


def test_without_mongodb_a_run_is_accepted_and_its_body_catches_up(
    mongodb_away: Callable[[], None],
) -> None:
    run = start_run(experiment="e", config={"lr": 0.1})
    set_run_tags(run_id=run.run_id, tags={"t": "x"})
    end_run(run_id=run.run_id)
    run.refresh_from_db()
    assert (run.status, run.version, run.body_version) == ("FINISHED", 3, 0)
    waiting = OutboxEntry.objects.all()
    assert [(entry.attempts, entry.status) for entry in waiting] == [(1, OutboxStatus.DUE)] * 3
    assert all(entry.last_error for entry in waiting)

    mongodb_away()
    assert deliver_due() == 3
    run.refresh_from_db()
    assert (run.body_version, OutboxEntry.objects.count()) == (3, 0)
    view = run_body(run)
    assert view.is_current
    assert view.body is not None
    assert (view.body["params"], view.body["status"]) == ({"lr": 0.1}, "FINISHED")


def test_effects_in_any_order_and_more_than_once_end_on_the_newest(
    mongodb_away: Callable[[], None],
) -> None:
    run = start_run(experiment="e", config={"lr": 0.1})
    for value in ("1", "2", "3"):
        set_run_tags(run_id=run.run_id, tags={"t": value})
    end_run(run_id=run.run_id)
    entries = list(OutboxEntry.objects.all())
    mongodb_away()
    shuffled = random.Random(7)
    for _ in range(10):
        collection("runs").delete_many({})
        order = entries * 2
        shuffled.shuffle(order)
        for entry in order:
            deliver([entry])
        document = collection("runs").find_one({"_id": run.run_id})
        assert document is not None
        assert (document["tags"], document["status"], document["v"]) == (
            [{"k": "t", "v": "3"}],
            "FINISHED",
            5,
        )
        assert document["params"] == {"lr": 0.1}


def test_racing_first_writes_end_on_the_newest_version() -> None:
    for trial in range(30):
        doc_id = f"{trial:032x}"
        operations = [
            set_parts(
                doc_id=doc_id,
                version=v,
                base={"experiment_id": "a" * 32, "started_at": BEGIN},
                parts={"name": f"v{v}"},
            )
            for v in range(1, 9)
        ]
        random.Random(trial).shuffle(operations)
        threads = [
            threading.Thread(target=collection("runs").bulk_write, args=([each],)) for each in operations
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        document = collection("runs").find_one({"_id": doc_id})
        assert document is not None
        assert (document["name"], document["v"]) == ("v8", 8)


def test_what_mongodb_will_never_take_is_parked_and_the_rest_goes_on(
    mongodb_away: Callable[[], None],
) -> None:
    good = start_run(experiment="e")
    bad = start_run(experiment="e")
    entry = OutboxEntry.objects.get(aggregate_id=bad.run_id)
    payload = bson.decode(entry.payload)
    payload["parts"]["status"] = "NO_SUCH_STATUS"
    OutboxEntry.objects.filter(pk=entry.pk).update(payload=bson.encode(payload))
    mongodb_away()
    assert deliver_due() == 1
    parked = OutboxEntry.objects.get()
    assert (parked.aggregate_id, parked.status) == (bad.run_id, OutboxStatus.PARKED)
    assert "validation" in parked.last_error
    assert collection("runs").count_documents({"_id": good.run_id}) == 1
    assert deliver_due() == 0


def test_a_document_that_outgrows_the_limit_is_parked_alone(mongodb_away: Callable[[], None]) -> None:
    runs = [start_run(experiment="e") for _ in range(3)]
    entry = OutboxEntry.objects.get(aggregate_id=runs[1].run_id)
    payload = bson.decode(entry.payload)
    payload["parts"]["environment"] = {"x": "y" * 17 * 1024 * 1024}
    OutboxEntry.objects.filter(pk=entry.pk).update(payload=bson.encode(payload))
    mongodb_away()
    assert deliver_due() == 2
    assert OutboxEntry.objects.get().status == OutboxStatus.PARKED


def test_an_effect_too_large_for_mongodb_is_refused_with_its_transaction() -> None:
    with pytest.raises(BodyTooLargeError), transaction.atomic():
        promise(topic=RUN_SET, aggregate_id="a" * 32, version=1, payload={"x": os.urandom(16 * 1024 * 1024)})
    assert OutboxEntry.objects.count() == 0


def test_two_deliveries_side_by_side_share_the_work(mongodb_away: Callable[[], None]) -> None:
    for _ in range(6):
        start_run(experiment="e")
    mongodb_away()
    counts: list[int] = []

    def work() -> None:
        counts.append(deliver_due())
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 6
    assert collection("runs").count_documents({}) == 6


def test_a_failure_after_commit_is_not_told_as_a_failure_of_the_change(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # PostgreSQL going away between the commit and the confirmation, made by a statement it refuses
    monkeypatch.setattr(outbox, "CONFIRM", "SELECT 1 / 0")
    run = start_run(experiment="e")
    assert collection("runs").count_documents({"_id": run.run_id}) == 1
    assert OutboxEntry.objects.count() == 1
    monkeypatch.undo()
    assert deliver_due() == 1
