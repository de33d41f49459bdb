"""Keeping a copy of bodies that PostgreSQL has no part of, such as those of an older release."""

from collections.abc import Sequence
from typing import Any

import bson
from django.db import transaction

from registry.documents import heads as stored
from registry.documents.plain import encode_key
from registry.enums import Lifecycle
from registry.models import BodyPart, Experiment, Metric, Param, TrainingRun
from registry.sync.bodies import CODEC
from registry.sync.outbox import Part, promise
from registry.sync.run_body import start_fields

from .heads import owner_of

HEAD_KEYS = ("_id", "v", "ck", "b")


def keep_bodies(collection: str, document_ids: Sequence[str]) -> None:
    """Copy each document into a part "start", or make one of the row where MongoDB has none."""
    for document_id in document_ids:
        _keep(collection, document_id)


def _keep(collection: str, document_id: str) -> None:
    with transaction.atomic():
        owner = _locked_owner(collection, owner_of(document_id))
        parts = BodyPart.objects.filter(collection=collection, document_id=document_id)
        if owner is None or parts.exists():
            return
        found = _stored(collection, document_id)
        # never above the row's version, which the next change counts on from
        version = owner.version if found is None else min(max(found.get("v") or 1, 1), owner.version)
        promise(
            collection=collection,
            document_id=document_id,
            owner_id=owner_of(document_id),
            version=version,
            part=_copied(found) if found else _made(owner),
            is_urgent=False,
        )


def _locked_owner(collection: str, owner_id: str) -> TrainingRun | Experiment | None:
    if collection == "experiments":
        return Experiment.objects.select_for_update().filter(experiment_id=owner_id).first()
    runs = TrainingRun.objects.select_for_update(of=("self",))
    return runs.select_related("experiment", "dataset", "parent").filter(run_id=owner_id).first()


def _stored(collection: str, document_id: str) -> dict[str, Any] | None:
    for raw in stored.raw_of(collection, [document_id]):
        return dict(bson.decode(raw.raw, CODEC))
    return None


def _copied(document: dict[str, Any]) -> Part:
    return Part("start", {key: value for key, value in document.items() if key not in HEAD_KEYS})


def _made(owner: TrainingRun | Experiment) -> Part:
    return _of_run(owner) if isinstance(owner, TrainingRun) else _of_experiment(owner)


def _of_run(run: TrainingRun) -> Part:
    known = start_fields(run) | {"tags": _tags(run)}
    if run.is_ended:
        metrics = Metric.objects.filter(run=run).values_list("key", "latest_value")
        known |= {"ended_at": run.ended_at, "metrics": {encode_key(key): value for key, value in metrics}}
    if run.lifecycle == Lifecycle.DELETED:
        known["deleted"] = True
    params = Param.objects.filter(run=run).values_list("key", "value", "value_number")
    leaves = [
        {"path": ["params", *map(encode_key, key.split("."))], "value": _value(text, number)}
        for key, text, number in params
    ]
    return Part("start", known, leaves)


def _of_experiment(experiment: Experiment) -> Part:
    body: dict[str, Any] = {"name": experiment.name, "created_at": experiment.created_at}
    body |= {"description": experiment.description, "tags": _tags(experiment), "custom": {}}
    if experiment.lifecycle == Lifecycle.DELETED:
        body["deleted"] = True
    return Part("start", body)


def _tags(owner: TrainingRun | Experiment) -> list[dict[str, str]]:
    return [{"k": key, "v": value} for key, value in owner.tags.order_by("key").values_list("key", "value")]


def _value(text: str, number: float | None) -> Any:
    """A param's value as its row tells it: a number where it reads as one, else the text."""
    if number is None:
        return text
    return int(text) if text.lstrip("-").isdigit() and abs(int(text)) < 2**63 else number
