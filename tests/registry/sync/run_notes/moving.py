"""Taking steps, and looking at both stores past the platform's own reads."""

from registry.documents.connection import collection
from registry.models import DualWrite, RunNote
from registry.sync.dual_write.comparing import Comparison
from registry.sync.dual_write.moving import Moved, advance, rollback
from registry.sync.dual_write.repairing import repair
from registry.sync.run_notes.notes import RUN_NOTES


def forward(steps: int = 1, *, scope: str = "") -> Moved:
    """Take steps towards the new store; the last one's result."""
    for _ in range(steps):
        *_, moved = advance(RUN_NOTES, scope=scope)
    assert isinstance(moved, Moved)
    return moved


def back(steps: int = 1, *, scope: str = "") -> Moved:
    """Take steps back."""
    for _ in range(steps):
        *_, moved = rollback(RUN_NOTES, scope=scope)
    assert isinstance(moved, Moved)
    return moved


def mended(*, scope: str = "") -> Comparison:
    """Repair, and what is left then."""
    *_, found = repair(RUN_NOTES, scope=scope)
    assert isinstance(found, Comparison)
    return found


def state(scope: str = "") -> str:
    return DualWrite.objects.get(name="run_notes", scope=scope).state


def in_mongodb(run_id: str) -> list[str]:
    """Texts of notes, as often as they are there."""
    buckets = collection("run_logs").find({"run_id": run_id, "kind": "note"})
    return sorted(entry["text"] for bucket in buckets for entry in bucket["entries"].values())


def in_postgresql(run_id: str) -> list[str]:
    return sorted(RunNote.objects.filter(run__run_id=run_id).values_list("text", flat=True))
