"""Moving run notes, for the zygote, and what both stores have of them."""

from typing import Any

from registry.documents.store import find_log_buckets_of
from registry.models import Experiment, RunNote, TrainingRun
from registry.sync.dual_write.moving import Step, advance, rollback
from registry.sync.dual_write.repairing import repair
from registry.sync.dual_write.status import statuses
from registry.sync.run_notes.notes import RUN_NOTES


def step_forward(*, experiment: str) -> None:
    _drive(advance(RUN_NOTES, scope=_scope(experiment)))


def step_back(*, experiment: str) -> None:
    _drive(rollback(RUN_NOTES, scope=_scope(experiment)))


def mend_notes(*, experiment: str) -> None:
    for _ in repair(RUN_NOTES, scope=_scope(experiment)):
        pass


def lose_a_note(*, experiment: str) -> None:
    """As if somebody had deleted a row by hand."""
    RunNote.objects.filter(run__experiment__name=experiment).order_by("pk")[:1].get().delete()


def look_at_notes(*, experiment: str) -> dict[str, Any]:
    """How the move stands, and the texts in both stores as often as they are there."""
    scope = _scope(experiment)
    found = [each for each in statuses(RUN_NOTES) if each.scope == scope]
    run_ids = TrainingRun.objects.filter(experiment__name=experiment).values_list("run_id", flat=True)
    buckets = find_log_buckets_of([str(each) for each in run_ids], "note")
    rows = RunNote.objects.filter(run__experiment__name=experiment)
    return {
        "state": found[0].state if found else "off",
        "divergences": found[0].divergences if found else 0,
        "mongodb": sorted(entry["text"] for bucket in buckets for entry in bucket["entries"].values()),
        "postgresql": sorted(rows.values_list("text", flat=True)),
    }


def _scope(experiment: str) -> str:
    return Experiment.objects.get(name=experiment).experiment_id


def _drive(step: Step) -> None:
    for _ in step:
        pass


CUTOVER_OPERATIONS: dict[str, Any] = {
    each.__name__: each for each in (step_forward, step_back, mend_notes, lose_a_note, look_at_notes)
}
