"""Death by SIGKILL at every named point of the protocol, at each pass; then the same request again."""

import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from registry.crash_points import CRASH_POINTS

from tests.private_stack import PrivateStack

from . import platform_reading
from .checker import Snapshot, check, explain
from .ledger import Ledger, Told
from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(180)]
WRITER = tuple(name for name in CRASH_POINTS if name.startswith(("write.", "deliver.")))
RELAY = tuple(name for name in CRASH_POINTS if name.startswith(("relay.", "deliver.")))
MOST_PASSES = 12


@pytest.fixture(scope="module")
def zygote(stack: PrivateStack) -> Iterator[Zygote]:
    done = stack.manage("init_stores")
    assert done.returncode == 0, done.stderr
    with Zygote(stack) as started:
        yield started


class Story:
    """One run in an experiment of its own, and what its client was told."""

    def __init__(self, stack: PrivateStack, zygote: Zygote) -> None:
        self._stack, self._zygote = stack, zygote
        self.ledger = Ledger(f"crash-{uuid.uuid4().hex[:12]}")
        zygote.do("experiment", name=self.ledger.experiment)
        self.told = Told("the run")
        self.ledger.runs.append(self.told)

    def request(self, operation: str) -> dict[str, Any]:
        """The arguments, the same at each repetition."""
        if operation == "register":
            key = f"{self.ledger.experiment}-register"
            return {"experiment": self.ledger.experiment, "name": self.told.reference, "key": key}
        extra: dict[str, Any] = {
            "note": {"text": "a note", "key": f"{self.ledger.experiment}-note"},
            "change": {"step": 5, "stage": "five"},
            "end": {"accuracy": 0.75},
            "delete": {},
        }[operation]
        return {"run_id": self.told.run_id, **extra}

    def perform(self, operation: str, crash_at: str = "") -> bool:
        """Do it, and do it again where it died; False where the point was never passed."""
        request = self.request(operation)
        lived, value = self._zygote.do(operation, crash_at=crash_at, **request)
        has_died = not lived
        if has_died:
            lived, value = self._zygote.do(operation, **request)
        assert lived
        self._told(operation, value)
        return has_died

    def relay(self, crash_at: str = "") -> bool:
        """The relay with everything due at once; True where it died."""
        platform_reading.make_due(self._stack)
        lived, _ = self._zygote.do("relay", crash_at=crash_at)
        return not lived

    def assert_all_is_well(self) -> None:
        waiting, parked = platform_reading.owed(self._stack)
        name = self.ledger.experiment
        rows, documents = (
            read(self._stack, name) for read in (platform_reading.rows_of, platform_reading.documents_of)
        )
        found = Snapshot(rows, documents, owed=waiting, parked=parked)
        assert check(self.ledger, found).total == 0, explain(self.ledger, found)

    def _told(self, operation: str, value: Any) -> None:
        if operation == "register":
            self.told.run_id = value
        if operation == "note":
            self.told.notes.append("a note")
        self.told.expected |= {
            "register": {"status": "RUNNING", "deleted": False},
            "change": {"step": 5, "stage": "five"},
            "end": {"status": "FINISHED", "accuracy": 0.75},
            "delete": {"deleted": True},
        }.get(operation, {})


@pytest.mark.parametrize("operation", ["register", "note", "change", "end", "delete"])
@pytest.mark.parametrize("point", WRITER)
def test_a_writer_that_dies_leaves_nothing_that_its_repetition_and_the_relay_do_not_finish(
    stack: PrivateStack, zygote: Zygote, point: str, operation: str
) -> None:
    for nth in itertools.count(1):
        story = Story(stack, zygote)
        if operation != "register":
            story.perform("register")
        has_died = story.perform(operation, crash_at=f"{point}:{nth}")
        story.relay()
        story.assert_all_is_well()
        assert nth < MOST_PASSES
        if not has_died:
            break
    assert nth > 1 or not _must_pass(point, operation), f"{operation} never passes {point}"


@pytest.mark.parametrize("point", RELAY)
def test_a_relay_that_dies_is_finished_by_the_next(stack: PrivateStack, zygote: Zygote, point: str) -> None:
    for nth in itertools.count(1):
        story = Story(stack, zygote)
        story.perform("register", crash_at="write.after_commit:1")
        lived, _ = zygote.do("delete", crash_at="write.after_commit:1", **story.request("delete"))
        assert not lived
        story.told.expected["deleted"] = True
        has_died = story.relay(crash_at=f"{point}:{nth}")
        story.relay()
        story.assert_all_is_well()
        assert nth < MOST_PASSES
        if not has_died:
            break
    assert nth > 1, f"The relay never passes {point}"


def _must_pass(point: str, operation: str) -> bool:
    """Redis is not told of everything."""
    return point != "deliver.after_redis" or operation in ("end", "delete")
