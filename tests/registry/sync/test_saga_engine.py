import datetime as dt
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connections, transaction
from django.utils import timezone

from registry.enums import SagaState
from registry.exceptions import ConflictError, NotFoundError, StoreUnavailableError
from registry.models import Saga
from registry.sync import saga_engine
from registry.sync.saga_kinds import AGAIN, KINDS, SagaKind, Step, declare

pytestmark = pytest.mark.django_db(transaction=True)
S = SagaState


@pytest.fixture
def diary() -> list[str]:
    return []


@pytest.fixture
def trouble() -> dict[str, Exception]:
    return {}


@pytest.fixture
def kind(diary: list[str], trouble: dict[str, Exception]) -> Iterator[SagaKind]:
    def act(name: str) -> Callable[[Saga], object]:
        def do(saga: Saga) -> object:
            if name in trouble:
                raise trouble[name]
            diary.append(name)
            if name == "second" and diary.count("second") < 3:
                return AGAIN
            return None

        return do

    names = ("first", "second", "third")
    steps = tuple(Step(name, act(name), act(f"undo {name}"), check=act(f"check {name}")) for name in names)
    yield declare(SagaKind("test.kind", steps, pivot="second"))
    del KINDS["test.kind"]


def begin(kind: SagaKind) -> str:
    with transaction.atomic():
        return str(saga_engine.begin(kind, aggregate_id="x").saga_id)


def done(diary: list[str]) -> list[str]:
    return [line for line in diary if not line.startswith("check")]


def states(saga: Saga) -> list[str]:
    return [step.state for step in saga.steps.all()]


def test_a_saga_is_begun_only_inside_a_transaction(kind: SagaKind) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        saga_engine.begin(kind, aggregate_id="x")


def test_steps_run_in_order_and_a_long_one_in_parts(kind: SagaKind, diary: list[str]) -> None:
    saga = saga_engine.advance(begin(kind))
    assert (saga.state, states(saga)) == (S.DONE, ["done"] * 3)
    assert done(diary) == ["first", "second", "second", "second", "third"]
    assert saga_engine.advance(saga.saga_id).state == S.DONE
    assert len(done(diary)) == 5


def test_a_refusal_before_the_pivot_undoes_what_was_done(
    kind: SagaKind, diary: list[str], trouble: dict[str, Exception]
) -> None:
    trouble["second"] = ConflictError("no")
    saga_id = begin(kind)
    with pytest.raises(ConflictError, match="no"):
        saga_engine.advance(saga_id)
    saga = saga_engine.find_saga(saga_id)
    assert (saga.state, done(diary)) == (S.COMPENSATED, ["first", "undo first"])
    assert (states(saga), saga.last_error) == (["compensated", "failed", "pending"], "no")


def test_a_refusal_after_the_pivot_leaves_it_stuck_until_a_person_resumes_it(
    kind: SagaKind, diary: list[str], trouble: dict[str, Exception]
) -> None:
    trouble["third"] = ConflictError("no")
    saga = saga_engine.advance(begin(kind))
    assert (saga.state, saga.last_error) == (S.STUCK, "no")
    with pytest.raises(ConflictError, match="only goes forward"):
        saga_engine.abort(saga.saga_id)
    assert saga_engine.resume_due() == 0
    trouble.clear()
    assert saga_engine.resume(saga.saga_id).state == S.DONE
    assert "undo first" not in diary


@pytest.mark.parametrize("error", [StoreUnavailableError("away"), OperationalError("away")])
def test_a_store_that_is_away_makes_it_wait(
    kind: SagaKind, diary: list[str], trouble: dict[str, Exception], error: Exception
) -> None:
    trouble["check third"] = error
    began = timezone.now()
    saga = saga_engine.advance(begin(kind))
    assert (saga.state, saga.attempts) == (S.RUNNING, 1)
    assert saga.next_at >= began + dt.timedelta(seconds=2)
    Saga.objects.update(next_at=saga.next_at + dt.timedelta(minutes=5))  # those seconds may be over
    assert saga_engine.resume_due() == 0
    trouble.clear()
    Saga.objects.update(next_at=timezone.now())
    assert (saga_engine.resume_due(), saga_engine.resume_due()) == (1, 0)
    assert saga_engine.find_saga(saga.saga_id).state == S.DONE
    assert done(diary).count("first") == 1


def test_a_saga_that_nobody_runs_is_taken_on_from_where_it_stands(kind: SagaKind, diary: list[str]) -> None:
    saga_id = begin(kind)  # and its process dies
    assert saga_engine.resume_due() == 0
    Saga.objects.update(next_at=timezone.now())
    assert saga_engine.resume_due() == 1
    assert saga_engine.find_saga(saga_id).state == S.DONE


def test_two_that_run_one_saga_do_each_step_once(kind: SagaKind, diary: list[str]) -> None:
    saga_id = begin(kind)

    def run() -> None:
        saga_engine.advance(saga_id)
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done(diary) == ["first", "second", "second", "second", "third"]


def test_a_saga_can_be_aborted_before_its_pivot_and_not_after(
    kind: SagaKind, diary: list[str], trouble: dict[str, Exception]
) -> None:
    trouble["check second"] = StoreUnavailableError("away")
    saga = saga_engine.advance(begin(kind))
    assert saga_engine.abort(saga.saga_id).state == S.COMPENSATED
    assert done(diary) == ["first", "undo first"]
    with pytest.raises(ConflictError, match="has ended"):
        saga_engine.abort(saga.saga_id)


def test_a_saga_past_its_deadline_is_undone_before_the_pivot(
    kind: SagaKind, diary: list[str], trouble: dict[str, Exception]
) -> None:
    trouble["check second"] = StoreUnavailableError("away")
    saga_id = begin(kind)
    Saga.objects.update(deadline_at=timezone.now())
    saga_engine.advance(saga_id)
    saga_engine.advance(saga_id)
    assert saga_engine.find_saga(saga_id).state == S.COMPENSATED
    assert done(diary) == ["first", "undo first"]


def test_an_error_that_nobody_foresaw_is_tried_again_and_then_undone_or_stuck(
    kind: SagaKind, diary: list[str], trouble: dict[str, Exception]
) -> None:
    trouble["check second"] = ZeroDivisionError()
    early = begin(kind)
    for _ in range(18):
        saga_engine.advance(early)
    assert saga_engine.find_saga(early).state == S.COMPENSATED
    trouble.clear()
    diary.clear()
    trouble["check third"] = ZeroDivisionError()
    late = begin(kind)
    for _ in range(18):
        saga_engine.advance(late)
    assert saga_engine.find_saga(late).state == S.STUCK


def test_an_unknown_saga_is_not_found() -> None:
    for unknown in ("0" * 32, "no id"):
        with pytest.raises(NotFoundError):
            saga_engine.find_saga(unknown)
