"""Feast's ``POST /get-online-features``, against what Feast 0.67's own server answers."""

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from features.online import connection
from features.queries.view_schemas import view_schema
from features.server import reading
from features.services.online_features import OnlineRow, write_online_features

from .conftest import NOW, STAMP, Program, failure

pytestmark = pytest.mark.usefixtures("views")
VALUES = {"recency": 3, "amount": 1.5, "city": "Žilina", "is_new": True, "profile": [1.0, 2.5]}
FEATURES = [f"spending:{name}" for name in VALUES]
ZERO = "1970-01-01T00:00:00Z"


def write(view: str, key: str, values: dict[str, Any], at: dt.datetime = NOW) -> None:
    write_online_features(view=view_schema(view), rows=[OnlineRow(key, at, values)])


def column(answer: Any, name: str) -> dict[str, Any]:
    told = answer.json()
    found: dict[str, Any] = told["results"][told["metadata"]["feature_names"].index(name)]
    return found


def test_values_keep_their_types_and_the_missing_are_told(program: Program) -> None:
    write("spending", "7", VALUES)
    answer = program.features(*FEATURES, entities={"customer_id": [7, "8"], "other": [1, 2]})
    assert (answer.status_code, answer["X-Features-Source"]) == (200, "online")
    assert answer.json() == {
        "metadata": {"feature_names": ["customer_id", *VALUES]},
        "results": [
            {"values": [7, "8"], "statuses": ["PRESENT"] * 2, "event_timestamps": [ZERO] * 2},
            *(
                {
                    "values": [value, None],
                    "statuses": ["PRESENT", "NOT_FOUND"],
                    "event_timestamps": [STAMP, ZERO],
                }
                for value in VALUES.values()
            ),
        ],
    }


def test_what_is_too_old_has_no_value_and_its_time(program: Program) -> None:
    old = NOW - dt.timedelta(days=2)
    write("spending", "7", VALUES, at=old)
    write("visits", "7", {"count": 2}, at=old + dt.timedelta(milliseconds=250))
    answer = program.features("spending:amount", "visits:count", "visits:recency")
    stamp = f"{old:%Y-%m-%dT%H:%M:%S}"
    assert answer.json()["results"][1:] == [
        {"values": [None], "statuses": ["OUTSIDE_MAX_AGE"], "event_timestamps": [f"{stamp}Z"]},
        {"values": [2], "statuses": ["PRESENT"], "event_timestamps": [f"{stamp}.250Z"]},
        {"values": [None], "statuses": ["NULL_VALUE"], "event_timestamps": [f"{stamp}.250Z"]},
    ]


def test_numbers_that_json_lacks_are_told_as_text(program: Program) -> None:
    profile = [math.inf, -math.inf, 0.5]
    write("spending", "7", {"amount": math.nan, "profile": profile})
    write("spending", "8", {"amount": 1.0})
    answer = program.features("spending:amount", "spending:profile", entities={"customer_id": ["7", "8"]})
    assert column(answer, "amount")["values"] == ["NaN", 1.0]
    assert column(answer, "profile")["values"] == [["Infinity", "-Infinity", 0.5], None]


def test_an_empty_vector_is_null_since_feast_s_client_takes_no_empty_list(program: Program) -> None:
    write("spending", "7", {"profile": []})
    answer = program.features("spending:profile")
    assert column(answer, "profile") == {
        "values": [None],
        "statuses": ["NULL_VALUE"],
        "event_timestamps": [STAMP],
    }


def test_full_names_and_versions_are_told_where_they_are_asked_for(program: Program) -> None:
    answer = program.features(
        "spending:recency", "visits:recency",
        full_feature_names=True, include_feature_view_version_metadata=True,
    )  # fmt: skip
    assert answer.json()["metadata"] == {
        "feature_names": ["customer_id", "spending__recency", "visits__recency"],
        "feature_view_metadata": [{"name": "spending", "version": 1}, {"name": "visits", "version": 1}],
    }


def test_a_view_serves_as_a_feature_service_of_all_it_has(program: Program) -> None:
    answer = program.features(feature_service="visits")
    assert answer.json()["metadata"]["feature_names"] == ["customer_id", "count", "recency"]


def test_many_entities_cost_one_round_trip_and_no_statement(
    program: Program, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [str(number) for number in range(200)]
    write_online_features(
        view=view_schema("spending"), rows=[OnlineRow(key, NOW, {"recency": int(key)}) for key in keys]
    )
    program.features("spending:recency")
    kind: Any = connection.store().connection_pool.connection_class
    send, sent = kind.send_packed_command, []

    def counted(self: Any, *command: Any, **named: Any) -> Any:
        sent.append(command)
        return send(self, *command, **named)

    monkeypatch.setattr(kind, "send_packed_command", counted)
    with django_assert_num_queries(1):  # the token
        answer = program.features("spending:recency", entities={"customer_id": keys})
    assert column(answer, "recency")["values"] == list(range(200))
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("body", "status", "kind", "words"),
    [
        ({"features": ["none:x"]}, 404, "FeatureViewNotFoundException", "none"),
        ({"feature_service": "none"}, 404, "FeatureViewNotFoundException", "none"),
        ({"feature_service": 1}, 400, "FeastError", "feature_service"),
        ({"features": ["visits:none"]}, 400, "FeastError", "no feature 'none'"),
        ({"features": ["visits"]}, 400, "FeastError", "view:feature"),
        ({"features": []}, 400, "FeastError", "No features"),
        ({"features": "visits:count"}, 400, "FeastError", "list of texts"),
        ({"features": [1]}, 400, "FeastError", "list of texts"),
        ({"features": ["visits:recency", "spending:recency"]}, 400, "FeatureNameCollisionError", "recency"),
        ({"features": ["visits:count"] * 2}, 400, "FeatureNameCollisionError", "count"),
        ({"entities": {"customer_id": []}}, 400, "FeastError", "at least one"),
        ({"entities": {}}, 400, "FeastError", "at least one"),
        ({"entities": {"customer_id": ["1"], "b": []}}, 400, "FeastError", "equally many"),
        ({"entities": {"customer_id": "1"}}, 400, "FeastError", "list of values"),
        ({"entities": None}, 400, "FeastError", "must be an object"),
        ({"entities": {"other": ["1"]}}, 400, "FeastError", "customer_id"),
        ({"entities": {"customer_id": [1.5]}}, 400, "FeastError", "whole number"),
        ({"entities": {"customer_id": [None]}}, 400, "FeastError", "whole number"),
        ({"entities": {"customer_id": [""]}}, 400, "FeastError", "1 to 200"),
        ({"full_feature_names": "yes"}, 400, "FeastError", "true or false"),
    ],
)
def test_what_can_not_be_answered_is_told_as_feast_s_own_errors(
    program: Program, body: dict[str, Any], status: int, kind: str, words: str
) -> None:
    answer = program.features(**{"features": ["visits:count"], **body})
    told = failure(answer)
    assert told[:2] == (status, kind)
    assert words in told[2]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(program: Program, body: bytes) -> None:
    assert program.post("/get-online-features", body).status_code == 400


def test_a_request_has_its_limits(
    program: Program, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    monkeypatch.setattr(reading, "MOST_ENTITIES", 3)
    monkeypatch.setattr(reading, "MOST_VALUES", 5)
    many = {"customer_id": ["1", "2", "3"]}
    assert program.features("visits:count", entities=many).status_code == 200
    assert program.features("visits:count", "visits:recency", entities=many).status_code == 413
    assert program.features("visits:count", entities={"customer_id": ["1"] * 4}).status_code == 413
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert failure(program.features("visits:count"))[:2] == (413, "FeastError")


def test_nobody_reads_without_a_token_that_may(
    program_of: Callable[..., Program], settings: LazySettings
) -> None:
    asked = {"features": ["visits:count"], "entities": {"customer_id": ["1"]}}
    anonymous = Client().post("/get-online-features", asked, content_type="application/json")
    assert failure(anonymous)[:2] == (401, "FeastPermissionError")
    assert failure(program_of("write").features("visits:count"))[:2] == (403, "FeastPermissionError")
    settings.RATE_LIMIT_TOKEN_PER_MINUTE = 1
    reader = program_of("read")
    assert reader.features("visits:count").status_code == 200
    limited = reader.features("visits:count")
    assert failure(limited)[:2] == (429, "FeastError")
    assert int(limited["Retry-After"]) >= 1
