"""Tasks from promise to done, on the real broker."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from registry.enums import OutboxTarget
from registry.exceptions import BadInputError, StoreUnavailableError
from registry.messaging import Queues, RefusedError, patience, promise_task, promise_tasks, running, task
from registry.messaging.batches import Tally
from registry.messaging.registering import TASKS
from registry.models import Delivery, Message, OutboxEntry
from registry.postgres.one_at_a_time import one_at_a_time
from registry.queries.outbox import outbox_lag
from registry.sync.outbox import Debt, owe
from tests.working import publish, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered", "broker")]


def the_delivery() -> Delivery:
    return Delivery.objects.get()


def test_a_task_runs_once_with_its_arguments() -> None:
    ran = []
    task("t.note", queue=Queues.MAINTENANCE)(lambda **arguments: ran.append(arguments))
    with transaction.atomic():
        promise_task("t.note", customer_id="7", amounts=[1, 2.5])
    assert work().done == 1
    assert ran == [{"customer_id": "7", "amounts": [1, 2.5]}]
    assert the_delivery().state == "done"
    assert not OutboxEntry.objects.exists()
    assert work().done == 0


def test_a_promise_that_is_rolled_back_is_none() -> None:
    task("t.note", queue=Queues.MAINTENANCE)(lambda: None)
    with transaction.atomic():
        promise_task("t.note")
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    assert not OutboxEntry.objects.exists()


def test_the_same_key_is_the_same_task() -> None:
    task("t.note", queue=Queues.MAINTENANCE)(lambda **_: None)
    first = promise_task("t.note", key="a", n=1)
    assert promise_task("t.note", key="a", n=2) == first
    others = promise_tasks("t.note", [{"n": 3}, {"n": 4}, {"n": 5}], keys=["b", "a", "b"])
    assert others == [others[0], first, others[0]]
    assert Message.objects.count() == 2
    assert promise_tasks("t.note", []) == []


def test_any_number_of_promises_is_one_statement(django_assert_num_queries: object) -> None:
    task("t.note", queue=Queues.MAINTENANCE)(lambda **_: None)
    with django_assert_num_queries(1):
        assert len(set(promise_tasks("t.note", [{"n": n} for n in range(50)]))) == 50
    assert work().done == 50


def test_a_message_that_comes_twice_is_done_once() -> None:
    ran = []
    task("t.note", queue=Queues.MAINTENANCE)(lambda: ran.append(1))
    promise_task("t.note")
    publish()
    OutboxEntry.objects.create(
        target=OutboxTarget.CELERY,
        topic="message",
        aggregate_id=Message.objects.get().message_id,
        aggregate_version=0,
        next_at=the_delivery().next_at,
    )
    tally = work()
    assert (tally.done, tally.duplicate, ran) == (1, 1, [1])


def test_a_failure_rolls_back_and_comes_again_through_the_outbox() -> None:
    starts = []

    def fail_once() -> None:
        Message.objects.create(exchange="tasks", name="trace", body=b"{}")
        starts.append(1)
        if len(starts) == 1:
            raise ValueError("Not today.")

    task("t.fail", queue=Queues.MAINTENANCE)(fail_once)
    promise_task("t.fail")
    assert work().failed == 1
    assert not Message.objects.filter(name="trace").exists()
    failed = the_delivery()
    assert (failed.state, failed.attempts, failed.last_error) == ("waiting", 1, "ValueError: Not today.")
    assert OutboxEntry.objects.get().next_at == failed.next_at
    assert work().done == 0
    assert work(is_early=True).done == 1
    assert Message.objects.filter(name="trace").count() == 1


def test_a_task_that_fails_too_often_is_a_dead_letter_with_the_reason() -> None:
    def fail() -> None:
        raise ValueError("Never.")

    task("t.fail", queue=Queues.MAINTENANCE, max_attempts=3)(fail)
    promise_task("t.fail")
    assert work(is_early=True).failed == 3
    dead = the_delivery()
    assert (dead.state, dead.reason) == ("dead", "Failed 3 times, last: ValueError: Never.")
    assert not OutboxEntry.objects.exists()


@pytest.mark.parametrize("error", [RefusedError, BadInputError])
def test_what_nothing_will_change_is_a_dead_letter_at_once(error: type[Exception]) -> None:
    def refuse() -> None:
        raise error("There is no country XX.")

    task("t.refuse", queue=Queues.MAINTENANCE)(refuse)
    promise_task("t.refuse")
    work()
    assert (the_delivery().state, the_delivery().reason) == ("dead", "There is no country XX.")


def test_arguments_that_a_task_does_not_take_are_refused() -> None:
    task("t.note", queue=Queues.MAINTENANCE)(lambda: None)
    promise_task("t.note", m=1)
    work()
    assert the_delivery().state == "dead"


def test_a_store_that_is_away_is_not_the_tasks_fault() -> None:
    def away() -> None:
        raise StoreUnavailableError("MongoDB does not answer.")

    task("t.away", queue=Queues.MAINTENANCE, max_attempts=1)(away)
    promise_task("t.away")
    work()
    assert (the_delivery().state, the_delivery().attempts) == ("waiting", 0)


def test_a_task_whose_process_ended_each_time_is_a_dead_letter() -> None:
    task("t.kill", queue=Queues.MAINTENANCE, max_attempts=2)(lambda: None)
    promise_task("t.kill")
    Delivery.objects.update(attempts=2)  # begun, and never heard of again
    assert work().failed == 1
    assert "its process ended" in the_delivery().reason


def test_a_long_task_runs_without_a_transaction_of_ours() -> None:
    depths = []
    task("t.long", queue=Queues.MAINTENANCE, is_atomic=False)(
        lambda: depths.append(len(connection.savepoint_ids))
    )
    before = len(connection.savepoint_ids)
    promise_task("t.long")
    assert work().done == 1
    assert depths == [before]


def test_a_long_task_that_fails_comes_again() -> None:
    def fail() -> None:
        raise ValueError("Not today.")

    task("t.long", queue=Queues.MAINTENANCE, is_atomic=False)(fail)
    promise_task("t.long")
    assert work().failed == 1
    assert (the_delivery().state, the_delivery().attempts) == ("waiting", 1)


def test_a_delayed_task_waits_for_its_time() -> None:
    task("t.note", queue=Queues.MAINTENANCE)(lambda: None)
    promise_task("t.note", delay_seconds=60)
    assert outbox_lag().waiting == 0
    assert work().done == 0
    assert the_delivery().state == "waiting"
    assert work(is_early=True).done == 1


def test_the_more_urgent_request_goes_first() -> None:
    order = []
    task("t.ask", queue=Queues.REQUESTS)(lambda **arguments: order.append(arguments["p"]))
    for priority in (1, 9, 0, 5, 9):
        promise_task("t.ask", priority=priority, p=priority)
    assert work().done == 5
    assert order == [9, 9, 5, 1, 0]


def test_a_big_body_travels_packed() -> None:
    sizes = []
    task("t.big", queue=Queues.MAINTENANCE)(lambda *, text: sizes.append(len(text)))
    promise_task("t.big", text="word " * 100_000)
    message = Message.objects.get()
    assert message.encoding == "zlib"
    assert len(message.body) < 10_000
    work()
    assert sizes == [500_000]


def test_a_promise_needs_a_known_task_a_priority_and_a_body() -> None:
    task("t.note", queue=Queues.MAINTENANCE)(lambda: None)
    with pytest.raises(ValueError, match="There is no task 't.nothing'"):
        promise_task("t.nothing")
    with pytest.raises(ValueError, match="0 to 9"):
        promise_task("t.note", priority=10)
    with pytest.raises(BadInputError, match="must be JSON"):
        promise_task("t.note", at=object())
    with pytest.raises(BadInputError, match="are the most"):
        promise_task("t.note", text="x" * 9_000_000)


@pytest.mark.django_db(transaction=True)
def test_a_promise_belongs_inside_a_transaction() -> None:
    task("t.note", queue=Queues.MAINTENANCE)(lambda: None)
    with pytest.raises(RuntimeError, match="inside the transaction"):
        promise_task("t.note")


@pytest.mark.django_db(transaction=True)
def test_a_message_in_hand_holds_up_neither_the_relay_nor_a_second_copy() -> None:
    copies: list[Tally] = []

    def publish_again() -> None:
        def elsewhere() -> None:
            try:
                with transaction.atomic():
                    owe([Debt(OutboxTarget.CELERY, "message", message_id)])
                copies.append(work())
            finally:
                connection.close()

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join(20)

    task("t.note", queue=Queues.MAINTENANCE)(publish_again)
    with transaction.atomic():
        message_id = promise_task("t.note")
    assert work().done == 1
    assert [(each.done, each.duplicate) for each in copies] == [(0, 1)]
    assert the_delivery().publishes == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_atomic", [True, False])
def test_postgresql_going_away_in_a_task_is_waited_for_and_not_counted(*, is_atomic: bool) -> None:
    starts = []

    def lose_the_session() -> None:
        starts.append(1)
        if len(starts) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    task("t.lose", queue=Queues.MAINTENANCE, max_attempts=2, is_atomic=is_atomic)(lose_the_session)
    with transaction.atomic():
        promise_task("t.lose")
    assert work().done == 1
    assert len(starts) == 2
    assert (the_delivery().state, the_delivery().attempts) == ("done", 1 if is_atomic else 2)


@pytest.mark.django_db(transaction=True)
def test_where_postgresql_stays_away_the_broker_keeps_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(patience, "LONGEST_SECONDS", 0.0)
    monkeypatch.setattr(patience, "is_there", lambda: False)
    with pytest.raises(patience.PostgresqlAwayError):
        patience.patiently(gone)


def test_a_long_task_that_is_being_run_is_not_run_beside_itself() -> None:
    task("t.long", queue=Queues.MAINTENANCE, is_atomic=False)(lambda: None)
    message_id = promise_task("t.long")
    held, done = threading.Event(), threading.Event()

    def hold(number: int) -> None:
        with one_at_a_time((running.LOCK, number), otherwise="Held."):
            held.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=hold, args=(the_delivery().pk,))
    thread.start()
    assert held.wait(10)
    assert running.run_task(TASKS["t.long"], message_id, {}) == "duplicate"
    done.set()
    thread.join()
    assert running.run_task(TASKS["t.long"], message_id, {}) == "done"
    assert running.run_task(TASKS["t.long"], message_id, {}) == "duplicate"
