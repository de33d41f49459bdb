"""The server-side validators, indexes and TTL, on the real server."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, WriteError

from registry.documents.collections import SPECS, create_collections, missing_parts
from registry.documents.event_archive import count_events

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ID = "0123456789abcdef" * 2


def placed(coordinates: list[float], kind: str = "Point") -> dict[str, Any]:
    return {"id": UUID(ID), "at": NOW, "location": {"type": kind, "coordinates": coordinates}}


GOOD: dict[str, dict[str, Any]] = {
    "model_configs": {"_id": ID, "name": "n", "framework": "keras", "config": {"a": 1}, "created_at": NOW},
    "experiments": {"_id": ID, "v": 1, "name": "n"},
    "runs": {"_id": ID, "v": 1, "experiment_id": ID, "started_at": NOW, "status": "RUNNING"},
    "run_logs": {"_id": "x", "v": 1, "run_id": ID, "kind": "epoch", "bucket": 0, "entries": {}},
    "customers": {
        "_id": ID, "v": 1, "customer_id": "7", "location": {"type": "Point", "coordinates": [4.8, 45.7]},
    },
    "events": {
        "_id": ID, "kind": "k", "at": NOW, "until": NOW, "count": 1,
        "events": [{"id": UUID(ID), "at": NOW, "location": {"type": "Point", "coordinates": [8.5, 47.4]}}],
    },
}  # fmt: skip
BAD: list[tuple[str, str, Any]] = [
    ("model_configs", "_id", "short"),
    ("model_configs", "name", ""),
    ("model_configs", "framework", "Not A Slug"),
    ("model_configs", "config", "text"),
    ("model_configs", "config", None),
    ("model_configs", "tags", "one"),
    ("model_configs", "tags", [1]),
    ("model_configs", "created_at", "yesterday"),
    ("experiments", "v", -1),
    ("experiments", "v", "1"),
    ("experiments", "name", None),
    ("experiments", "tags", [{"k": "x"}]),
    ("experiments", "deleted", "yes"),
    ("runs", "_id", ID.upper()),
    ("runs", "status", "DONE"),
    ("runs", "experiment_id", None),
    ("runs", "params", [1]),
    ("runs", "started_at", 0),
    ("run_logs", "kind", "diary"),
    ("run_logs", "bucket", -1),
    ("run_logs", "entries", []),
    ("customers", "_id", "7"),
    ("customers", "v", None),
    ("customers", "customer_id", ""),
    ("customers", "joined_at", "yesterday"),
    ("customers", "is_synthetic", "yes"),
    ("customers", "place", "Lyon"),
    ("customers", "location", {"type": "Point", "coordinates": [4.8]}),
    ("customers", "location", {"type": "Line", "coordinates": [4.8, 45.7]}),
    ("events", "at", None),
    ("events", "count", -1),
    ("events", "events", []),
    ("events", "events", [{"id": UUID(ID), "at": NOW}] * 501),
    ("events", "events", [{"id": ID, "at": NOW}]),
    ("events", "events", [{"id": UUID(ID), "at": "noon"}]),
    ("events", "events", [placed([181, 0])]),
    ("events", "events", [placed([0, -91])]),
    ("events", "events", [placed([1, 2, 3])]),
    ("events", "events", [placed([1, 2], "Line")]),
]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_document_is_taken_once(name: str, mongo: Database[dict[str, Any]]) -> None:
    mongo[name].insert_one({**GOOD[name], "anything": {"else": 1}})
    with pytest.raises(DuplicateKeyError):
        mongo[name].insert_one(GOOD[name])


@pytest.mark.parametrize(("name", "field", "value"), BAD)
def test_a_bad_document_is_refused_by_the_server(
    name: str, field: str, value: Any, mongo: Database[dict[str, Any]]
) -> None:
    with pytest.raises(WriteError) as caught:
        mongo[name].insert_one({**GOOD[name], field: value})
    assert caught.value.code == 121
    assert mongo[name].count_documents({}) == 0


@pytest.mark.parametrize("name", GOOD)
def test_a_required_field_can_not_be_left_out_or_taken_away(
    name: str, mongo: Database[dict[str, Any]]
) -> None:
    required = next(spec for spec in SPECS if spec.name == name).validator["$jsonSchema"]["required"]
    mongo[name].insert_one(GOOD[name])
    for field in set(required) - {"_id"}:
        with pytest.raises(WriteError):
            mongo[name].update_one({}, {"$unset": {field: ""}})


def test_creating_the_collections_again_changes_nothing(mongo: Database[dict[str, Any]]) -> None:
    assert list(create_collections()) == [spec.name for spec in SPECS]
    assert missing_parts() == []


def test_events_of_before_keep_no_index_from_being_made(mongo: Database[dict[str, Any]]) -> None:
    mongo["events"].drop()
    mongo["events"].insert_many([{"_id": each * 32, "kind": "visit", "at": NOW} for each in "ab"])
    mongo["events"].create_index("events.id", name="bucket_event_once")
    list(create_collections())
    assert missing_parts() == []
    assert "bucket_event_once" not in mongo["events"].index_information()
    mongo["events"].insert_one(GOOD["events"])
    with pytest.raises(DuplicateKeyError):
        mongo["events"].insert_one(GOOD["events"] | {"_id": "e" * 32})
    assert count_events(NOW + dt.timedelta(days=1)) == 1
    plan = mongo["events"].find({"events.id": {"$in": [GOOD["events"]["events"][0]["id"]]}}).explain()
    assert "bucket_event_unique" in str(plan["queryPlanner"]["winningPlan"])


def test_what_is_missing_is_named(mongo: Database[dict[str, Any]]) -> None:
    mongo["runs"].drop_index("tags")
    mongo["events"].drop()
    mongo.command("collMod", "experiments", validator={})
    assert missing_parts() == ["experiments validator", "runs.tags", "events"]
    list(create_collections())
    assert missing_parts() == []


@pytest.mark.parametrize(
    ("name", "query", "sort", "index"),
    [
        ("model_configs", {"framework": "keras"}, "created_at", "framework_date"),
        ("model_configs", {"run_id": ID}, "created_at", "model_date"),
        ("model_configs", {"metrics.accuracy": {"$gt": 0.9}}, None, "accuracy"),
        ("model_configs", {"tags": "x"}, None, "tags"),
        ("runs", {"experiment_id": ID}, "started_at", "experiment_date"),
        ("runs", {"tags.k": "a", "tags.v": "b"}, None, "tags"),
        ("run_logs", {"run_id": ID, "kind": "epoch"}, "bucket", "run_kind_bucket"),
        ("customers", {"customer_id": "7"}, None, "customer"),
        ("customers", {}, "joined_at", "date"),
        ("events", {"kind": "k", "until": {"$gte": NOW}}, "until", "bucket_kind_time"),
    ],
)
def test_each_query_reads_the_index_that_names_it(
    name: str, query: dict[str, Any], sort: str | None, index: str, mongo: Database[dict[str, Any]]
) -> None:
    mongo[name].insert_one(GOOD[name])
    if name == "events":  # a window of all kinds is served by another index
        mongo[name].insert_many(
            GOOD[name] | {"_id": f"{n:032x}", "kind": "other", "events": [{"id": UUID(int=n), "at": NOW}]}
            for n in range(5)
        )
    cursor = mongo[name].find(query)
    plan = (cursor.sort(sort, -1) if sort else cursor).explain()["queryPlanner"]["winningPlan"]
    assert f"'indexName': '{index}'" in str(plan)
    assert "SORT'" not in str(plan)


def test_events_expire(mongo: Database[dict[str, Any]]) -> None:
    assert mongo["events"].index_information()["expiry"]["expireAfterSeconds"] == 0
