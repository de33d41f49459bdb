"""One run's story, told through the zygote: what was asked, what was answered, what the stores say."""

import uuid
from typing import Any

from tests.private_stack import PrivateStack

from . import platform_reading
from .checker import Findings, Snapshot, check, explain
from .ledger import Ledger, Told
from .zygote import Zygote


class Story:
    """One run in an experiment of its own, and what its client was told."""

    def __init__(self, stack: PrivateStack, zygote: Zygote, *, mongodb_url: str = "") -> None:
        self._stack, self._zygote = stack, zygote
        self._mongodb_url = mongodb_url or stack.url("MONGODB_URL")
        self.ledger = Ledger(f"crash-{uuid.uuid4().hex[:12]}")
        zygote.do("prepare", name=self.ledger.experiment)
        self.told = Told("the run")
        self.ledger.runs.append(self.told)

    def request(self, operation: str) -> dict[str, Any]:
        """The arguments, the same at each repetition."""
        if operation == "register":
            key = f"{self.ledger.experiment}-register"
            return {"experiment": self.ledger.experiment, "name": self.told.reference, "key": key}
        extra: dict[str, dict[str, Any]] = {
            "note": {"text": "a note", "key": f"{self.ledger.experiment}-note"},
            "change": {"step": 5, "stage": "five"},
            "end": {"accuracy": 0.75},
            "delete": {},
        }
        return {"run_id": self.told.run_id, **extra[operation]}

    def perform(self, operation: str, crash_at: str = "") -> bool:
        """Do it, and do it again where it died; False where the point was never passed."""
        request = self.request(operation)
        lived, value = self._zygote.do(operation, crash_at=crash_at, **request)
        has_died = not lived
        if has_died:
            lived, value = self._zygote.do(operation, **request)
        assert lived
        self.tell(operation, value)
        return has_died

    def relay(self, crash_at: str = "") -> bool:
        """The relay with everything due at once; True where it died."""
        platform_reading.make_due(self._stack)
        lived, _ = self._zygote.do("relay", crash_at=crash_at)
        return not lived

    def relay_by(self, zygote: Zygote) -> None:
        """Another process relays: one whose way to the stores is clear."""
        platform_reading.make_due(self._stack)
        zygote.do("relay")

    def findings(self) -> Findings:
        found = self._found()
        return check(self.ledger, found)

    def assert_all_is_well(self) -> None:
        found = self._found()
        assert check(self.ledger, found).total == 0, explain(self.ledger, found)

    def _found(self) -> Snapshot:
        name = self.ledger.experiment
        waiting, parked = platform_reading.owed(self._stack, name)
        return Snapshot(
            platform_reading.rows_of(self._stack, name), platform_reading.documents_of(self._stack, name, self._mongodb_url),
            owed=waiting, parked=parked, leaderboard_errors=platform_reading.misplaced(self._stack, name),
        )  # fmt: skip

    def tell(self, operation: str, value: Any) -> None:
        if operation == "register":
            self.told.run_id = value
        if operation == "note":
            self.told.notes.append("a note")
        news: dict[str, dict[str, Any]] = {
            "register": {"status": "RUNNING", "deleted": False},
            "change": {"step": 5, "stage": "five"},
            "end": {"status": "FINISHED", "accuracy": 0.75},
            "delete": {"deleted": True},
        }
        self.told.expected |= news.get(operation, {})
