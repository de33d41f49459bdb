"""Writing and reading ``model_configs``."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from pymongo import DESCENDING, ReturnDocument, UpdateOne

from .connection import Body, collection
from .store import told_plainly

NAME = "model_configs"
LISTED = {"config": 1, "metrics": 1, "tags": 1, "framework": 1, "name": 1, "model_type": 1, "run_id": 1}
LISTED |= {"created_at": 1, "digest": 1}


def insert_configs(documents: Sequence[Body]) -> int:
    """Insert those that are not there, in one round trip; returns how many were new."""
    operations = [
        UpdateOne(
            {"_id": document["_id"]},
            {"$setOnInsert": {key: value for key, value in document.items() if key != "_id"}},
            upsert=True,
        )
        for document in documents
    ]
    with told_plainly():
        return int(collection(NAME).bulk_write(operations, ordered=False).upserted_count)


def replace_configs(documents: Sequence[Body]) -> tuple[int, int]:
    """Insert or update by id, in one round trip; returns how many were new and how many changed."""
    operations = [
        UpdateOne(
            {"_id": document["_id"]},
            {"$set": {key: value for key, value in document.items() if key not in ("_id", "created_at")},
             "$setOnInsert": {"created_at": document["created_at"]}},
            upsert=True,
        )
        for document in documents
    ]  # fmt: skip
    with told_plainly():
        result = collection(NAME).bulk_write(operations, ordered=False)
    return int(result.upserted_count), int(result.modified_count)


def find_config(config_id: str) -> Body | None:
    """One config as it is stored."""
    with told_plainly():
        return collection(NAME).find_one({"_id": config_id})


def set_metrics(config_id: str, metrics: Body) -> Body | None:
    """Set metrics, each beside those that are there; returns the document after, None where none is."""
    changes = {f"metrics.{key}": value for key, value in metrics.items()}
    with told_plainly():
        return collection(NAME).find_one_and_update(
            {"_id": config_id}, {"$set": changes}, return_document=ReturnDocument.AFTER
        )


def find_configs(condition: Body, *, limit: int) -> list[Body]:
    """Configs that meet a condition made by :mod:`registry.documents.conditions`, newest first."""
    with told_plainly():
        found = collection(NAME).find(condition, LISTED).sort("created_at", DESCENDING)
        return list(found.limit(limit))


def now() -> dt.datetime:
    """The time as MongoDB keeps it: to the millisecond, in UTC."""
    moment = dt.datetime.now(dt.UTC)
    return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)


def digest_of(value: Any) -> Any:
    """A value with its keys in order, so that equal content has an equal digest."""
    if isinstance(value, dict):
        return {key: digest_of(value[key]) for key in sorted(value)}
    return [digest_of(child) for child in value] if isinstance(value, list) else value
