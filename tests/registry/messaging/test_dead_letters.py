"""Dead letters: listed, shown, replayed, dropped; and messages that nobody promised."""

from io import StringIO

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from registry.messaging import Queues, RefusedError, promise_task, promise_tasks, task
from registry.messaging.broker import on_broker
from registry.messaging.registering import TASKS
from registry.models import AuditEntry, Delivery, Message
from tests.working import empty_the_broker, publish, put, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered", "broker")]
mended: list[bool] = []


@pytest.fixture
def dead() -> list[str]:
    """Three dead letters of a task that can be mended."""
    mended.clear()

    def refuse(*, n: int) -> None:
        if not mended:
            raise RefusedError(f"{n} is none of ours.")

    task("t.refuse", queue=Queues.ONBOARDING)(refuse)
    ids = promise_tasks("t.refuse", [{"n": n} for n in range(3)])
    work()
    return ids


def command(*words: str) -> str:
    out = StringIO()
    call_command("dead_letters", *words, stdout=out)
    return out.getvalue()


def states() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def test_they_are_listed_newest_first_with_the_reason(dead: list[str]) -> None:
    rows = orjson.loads(command("list", "--json"))
    assert [row["message_id"] for row in rows] == dead[::-1]
    assert rows[0]["reason"] == "2 is none of ours."
    assert "t.refuse" in command("list", "--queue", "onboarding")
    assert command("list", "--queue", "maintenance").strip() == "No dead letters."


def test_one_is_shown_with_its_body(dead: list[str]) -> None:
    shown = command("show", "--id", dead[1])
    assert '"n": 1' in shown
    assert "begun 1 times. 1 is none of ours." in shown
    with pytest.raises(CommandError, match="There is no dead letter 'x'"):
        command("show", "--id", "x")


def test_a_replayed_one_is_done_as_if_never_begun(dead: list[str]) -> None:
    assert command("replay", "--all", "--dry-run").strip() == "3 dead letters would be replayed."
    mended.append(True)
    assert command("replay", "--id", dead[0]).strip() == "1 dead letters replayed."
    assert work().done == 1
    assert states() == ["done", "dead", "dead"]
    assert Delivery.objects.get(message__message_id=dead[0]).attempts == 1
    command("replay", "--name", "t.refuse")
    work()
    assert states() == ["done", "done", "done"]


def test_a_dropped_one_is_never_done(dead: list[str]) -> None:
    command("drop", "--queue", "onboarding", "--name", "t.refuse", "--id", dead[2])
    assert states() == ["dead", "dead", "dropped"]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_id, entry.channel) == ("dead_letter.drop", dead[2], "command")
    assert entry.details["queue"] == "onboarding"
    with pytest.raises(CommandError, match="Say which to drop"):
        command("drop")


def test_a_message_that_nobody_promised_is_written_down_and_gone() -> None:
    task("t.note", queue=Queues.MAINTENANCE)(lambda: None)
    ours, nobodys = promise_task("t.note", delay_seconds=600), "0" * 32
    for body, headers in (
        (b"rubbish{", {"task": "t.note", "id": nobodys}),
        (b"[[], {}, {}]", {"task": "t.unknown", "id": nobodys}),
        (b"7", {"task": "t.note", "id": nobodys}),
        (b"[[], null, {}]", {"task": "t.note", "id": nobodys}),
        (b"[[], 5, {}]", {"task": "t.note", "id": nobodys}),
        (b"[[], {}, {}]", {"task": "t.note", "id": "x-1"}),
        (b"[[], {}, {}]", {"task": "t.note", "id": 7}),
        (b"[[], {}, {}]", {"task": "t.note", "id": "A" * 32}),
        (b"{}", {"name\0": "\0"}),
        (b"rubbish{", {"task": "t.note", "id": ours}),
        (b"[[], {}, {}]", {"task": "t.note", "id": nobodys}),
    ):
        put(Queues.MAINTENANCE, body, headers)
    assert work(Queues.MAINTENANCE).duplicate == 1
    foreign = Delivery.objects.filter(queue="dead").order_by("id").values_list("reason", flat=True)
    assert [reason.split(":")[0] for reason in foreign] == [
        "Its body can't be read",
        "Nobody here knows the task 't.unknown'.",
        *["Its body is no task's."] * 3,
        *["It does not say which message it is."] * 3,
        "It is no task.",
    ]
    assert Delivery.objects.get(message__message_id=ours).state == "dead"
    with pytest.raises(CommandError, match="9 were left"):
        command("replay", "--queue", "dead")
    command("drop", "--queue", "dead")
    assert Message.objects.filter(name="unknown").count() == 9


def test_what_the_broker_gives_up_is_owed_again_until_it_was_begun_too_often() -> None:
    task("t.note", queue=Queues.MAINTENANCE, max_attempts=2)(lambda: None)
    ours = promise_task("t.note")
    publish()
    death = [{"reason": "delivery_limit", "queue": on_broker("maintenance"), "count": 20}]
    put(Queues.DEAD, b"{}", {"id": ours, "x-death": death})
    put(Queues.DEAD, b"{}", {"id": ours, "x-death": death})  # waits for its time: the second changes nothing
    work(Queues.DEAD)
    waiting = Delivery.objects.get()
    assert (waiting.state, waiting.attempts) == ("waiting", 1)
    publish(is_early=True)
    put(Queues.DEAD, b"{}", {"id": ours, "x-death": death})
    work(Queues.DEAD)
    assert Delivery.objects.get().reason == (
        "Failed 2 times, last: GivenUpError: The broker gave it up: delivery_limit in maintenance."
    )


def test_what_was_given_up_by_mistake_is_done_in_the_end() -> None:
    done: list[int] = []
    task("t.note", queue=Queues.MAINTENANCE)(lambda: done.append(1))
    ours = promise_task("t.note")
    publish()
    empty_the_broker()
    death = [{"reason": "delivery_limit", "queue": on_broker("maintenance")}]
    put(Queues.DEAD, b"{}", {"id": ours, "x-death": death})
    put(Queues.DEAD, b"{}", {"id": "x", "x-death": "rubbish"})
    work(Queues.DEAD)
    assert work(Queues.MAINTENANCE, is_early=True).done == len(done) == 1
    assert Delivery.objects.get(queue="dead").reason == "The broker gave it up: unknown in no queue."


def test_a_task_that_another_release_may_know_is_owed_again_for_a_while() -> None:
    done: list[int] = []
    known = task("t.new", queue=Queues.MAINTENANCE)(lambda: done.append(1))
    for _ in range(2):
        promise_task("t.new")
    first, second = Delivery.objects.order_by("id")
    Delivery.objects.filter(pk=second.pk).update(publishes=30)
    del TASKS["t.new"]
    work(Queues.MAINTENANCE)
    assert states() == ["waiting", "dead"]
    assert Delivery.objects.get(pk=second.pk).reason == "Nobody here knows the task 't.new'."
    task("t.new", queue=Queues.MAINTENANCE)(known)
    work(Queues.MAINTENANCE, is_early=True)
    first.refresh_from_db()
    assert (first.state, first.attempts, done) == ("done", 1, [1])


def test_the_admin_shows_their_bodies_and_replays_or_drops_the_chosen(
    dead: list[str], admin_client: Client
) -> None:
    first, second, third = Delivery.objects.order_by("id")
    page = admin_client.get(
        reverse("admin:registry_message_change", args=[first.message_id])
    ).content.decode()
    assert "&quot;n&quot;: 0" in page
    url = reverse("admin:registry_delivery_changelist")
    admin_client.post(url, {"action": "replay", "_selected_action": [first.pk, second.pk]})
    admin_client.post(url, {"action": "drop", "_selected_action": [third.pk]})
    assert states() == ["waiting", "waiting", "dropped"]
    told = AuditEntry.objects.order_by("pk").values_list("action", "channel", "details__count", "username")
    assert list(told) == [
        ("dead_letter.replay", "web", 2, "admin"),
        ("dead_letter.drop", "web", 1, "admin"),
    ]
