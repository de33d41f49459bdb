"""Setting and deleting tags of runs and experiments."""

from collections.abc import Iterable, Mapping

from django.db import transaction

from registry.documents import plain
from registry.models import Experiment, ExperimentTag, RunTag, TrainingRun
from registry.sync import run_body

from .names import checked_key
from .run_rows import bump, lock_run

Pairs = list[dict[str, str]]


def set_run_tags(*, run_id: str, tags: Mapping[str, str]) -> None:
    """Set tags of a run; a tag that is there takes the new value."""
    with transaction.atomic():
        run = lock_run(run_id)
        store_run_tags(run=run, tags=tags)
        bump(run)
        run_body.promise_tags(run=run, tags=current_tags(run))


def delete_run_tags(*, run_id: str, keys: Iterable[str]) -> int:
    """Delete tags of a run; returns how many there were."""
    with transaction.atomic():
        run = lock_run(run_id)
        deleted, _ = RunTag.objects.filter(run=run, key__in=list(keys)).delete()
        if deleted:
            bump(run)
            run_body.promise_tags(run=run, tags=current_tags(run))
    return deleted


def store_run_tags(*, run: TrainingRun, tags: Mapping[str, str]) -> None:
    """Upsert tags inside the caller's transaction, in one statement."""
    rows = [RunTag(run=run, key=pair["k"], value=pair["v"]) for pair in tag_pairs(tags)]
    RunTag.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["run", "key"], update_fields=["value"]
    )


def store_experiment_tags(*, experiment: Experiment, tags: Mapping[str, str]) -> None:
    """Upsert tags of an experiment inside the caller's transaction, in one statement."""
    rows = [ExperimentTag(experiment=experiment, key=pair["k"], value=pair["v"]) for pair in tag_pairs(tags)]
    ExperimentTag.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["experiment", "key"], update_fields=["value"]
    )


def tag_pairs(tags: Mapping[str, str]) -> Pairs:
    """Tags as MongoDB holds them: ``[{"k": key, "v": value}]`` in the order of the keys."""
    return [
        {"k": checked_key(key, what="The tag"), "v": plain.check_text(str(value), where=f"The tag {key!r}")}
        for key, value in sorted(tags.items())
    ]


def current_tags(run: TrainingRun) -> Pairs:
    """All tags of a run, as MongoDB holds them."""
    return [{"k": key, "v": value} for key, value in run.tags.order_by("key").values_list("key", "value")]
