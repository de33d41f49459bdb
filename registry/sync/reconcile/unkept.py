"""Keeping a copy of bodies that PostgreSQL has no part of, such as those of an older release."""

from collections.abc import Sequence
from typing import Any

import bson
from django.db import transaction

from registry.documents import heads as stored
from registry.enums import Lifecycle
from registry.models import BodyPart, Experiment, TrainingRun
from registry.sync.backfill import promise_given
from registry.sync.bodies import CODEC
from registry.sync.outbox import Part, promise
from registry.sync.row_bodies import Given, content_of

from .heads import owner_of

RUNS_AT_ONCE = 100  # documents of up to 16 MB


def keep_bodies(collection: str, document_ids: Sequence[str]) -> None:
    """Copy each document into a part "start", or make parts of the row where MongoDB has none."""
    if collection == "runs":
        for start in range(0, len(document_ids), RUNS_AT_ONCE):
            _keep_runs(document_ids[start : start + RUNS_AT_ONCE])
        return
    for document_id in document_ids:
        _keep(collection, document_id)


def older_documents(run_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The bodies that MongoDB has of runs, by the run's id; not what is left of a purged one.

    Raises:
        StoreUnavailableError: MongoDB does not answer.
    """
    found = (dict(bson.decode(raw.raw, CODEC)) for raw in stored.raw_of("runs", run_ids))
    return {document["_id"]: document for document in found if "purged_at" not in document}


def _keep_runs(run_ids: Sequence[str]) -> None:
    with transaction.atomic():
        promise_given(run_ids, Given(documents=older_documents(run_ids)), refused={})


def _keep(collection: str, document_id: str) -> None:
    with transaction.atomic():
        owner = _locked_owner(collection, owner_of(document_id))
        parts = BodyPart.objects.filter(collection=collection, document_id=document_id)
        if owner is None or parts.exists():
            return
        found = _stored(collection, document_id)
        part = Part("start", content_of(found)) if found else _made(owner)
        if part is None:
            return
        # never above the row's version, which the next change counts on from
        version = owner.version if found is None else min(max(found.get("v") or 1, 1), owner.version)
        promise(
            collection=collection,
            document_id=document_id,
            owner_id=owner_of(document_id),
            version=version,
            part=part,
            is_urgent=False,
        )


def _locked_owner(collection: str, owner_id: str) -> TrainingRun | Experiment | None:
    if collection == "experiments":
        return Experiment.objects.select_for_update().filter(experiment_id=owner_id).first()
    return TrainingRun.objects.select_for_update().filter(run_id=owner_id).first()


def _stored(collection: str, document_id: str) -> dict[str, Any] | None:
    for raw in stored.raw_of(collection, [document_id]):
        return dict(bson.decode(raw.raw, CODEC))
    return None


def _made(owner: TrainingRun | Experiment) -> Part | None:
    """What an experiment's row tells; of a run's log no row tells anything."""
    return _of_experiment(owner) if isinstance(owner, Experiment) else None


def _of_experiment(experiment: Experiment) -> Part:
    body: dict[str, Any] = {"name": experiment.name, "created_at": experiment.created_at}
    body |= {"description": experiment.description, "tags": _tags(experiment), "custom": {}}
    if experiment.lifecycle == Lifecycle.DELETED:
        body["deleted"] = True
    return Part("start", body)


def _tags(owner: Experiment) -> list[dict[str, str]]:
    return [{"k": key, "v": value} for key, value in owner.tags.order_by("key").values_list("key", "value")]
