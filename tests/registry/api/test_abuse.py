"""Abuse cases A1 to A4, A10 to A12, A30 to A36, A39 to A41: never 5xx, nothing changes unless 2xx."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer

from registry.models import Artifact, TrainingRun
from tests.routes.world import fingerprint

from .conftest import Api

DEEP = 100_000
RUNS = "runs"


@pytest.fixture
def run_id(api: Api) -> str:
    api.post("experiments", {"name": "first"})
    return str(api.post("runs", {"experiment": "first"}).json()["run"]["run_id"])


@pytest.fixture
def nothing_changes(run_id: str) -> Iterator[None]:
    before = fingerprint()
    yield
    assert fingerprint() == before


def refused(answer: Any, *statuses: int) -> str:
    """The error's code, after the checks that hold for every refusal."""
    assert answer.status_code in (statuses or (400,)), answer.content[:300]
    error = answer.json()["error"]
    assert "Traceback" not in error["message"]
    assert set(error) == {"code", "message"}
    return str(error["code"])


BODIES = {
    "no object": b"[]",
    "a text": b'"x"',
    "null": b"null",
    "no JSON": b"{",
    "trailing": b'{"experiment": "first"} x',
    "a key twice": b'{"experiment": "none", "experiment": "first"}',
    "a nested key twice": b'{"experiment": "first", "config": {"a": 1, "a": 2}}',
    "a byte order mark": b'\xef\xbb\xbf{"experiment": "first"}',
    "UTF-16": '{"experiment": "first"}'.encode("utf-16"),
    "no UTF-8": b'{"experiment": "\xff"}',
    "deep lists": b'{"experiment": "first", "config": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"experiment": "first", "config": ' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
    "90 levels": b'{"experiment": "first", "config": ' + b'{"a":' * 90 + b"1" + b"}" * 90 + b"}",
    "NaN": b'{"experiment": "first", "config": {"a": NaN}}',
    "Infinity": b'{"experiment": "first", "config": {"a": -Infinity}}',
    "1e400": b'{"experiment": "first", "config": {"a": 1e400}}',
    "2 ** 64": b'{"experiment": "first", "config": {"a": 18446744073709551616}}',
    "10,000 digits": b'{"experiment": "first", "config": {"a": ' + b"9" * 10_000 + b"}}",
    "an unknown field": b'{"experiment": "first", "is_admin": true}',
    "no experiment": b"{}",
    "an empty body": b"",
    "null for what must be there": b'{"experiment": null}',
    "a number for text": b'{"experiment": 1}',
    "an object for text": b'{"experiment": {"$ne": ""}}',
    "a list for text": b'{"experiment": ["first"]}',
    "text for an object": b'{"experiment": "first", "config": "x"}',
    "a number as tag": b'{"experiment": "first", "tags": {"a": 1}}',
    "NUL": b'{"experiment": "first\\u0000"}',
    "NUL in a name": b'{"experiment": "first", "name": "a\\u0000"}',
    "NUL in a key": b'{"experiment": "first", "config": {"a\\u0000": 1}}',
    "half a character": b'{"experiment": "\\ud800"}',
    "half a character in a tag": b'{"experiment": "first", "tags": {"\\ud800": "x"}}',
    "a long name": json.dumps({"experiment": "first", "name": "x" * 256}).encode(),
    "a long tag": json.dumps({"experiment": "first", "tags": {"x" * 251: "x"}}).encode(),
    "an empty key": b'{"experiment": "first", "tags": {"": "x"}}',
    "no run id": b'{"experiment": "first", "run_id": "x"}',
    "20,000 params": json.dumps(
        {"experiment": "first", "config": {f"k{n}": n for n in range(20_000)}}
    ).encode(),
}


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_doubtful_body_is_refused(api: Api, body: bytes) -> None:
    refused(api.post(RUNS, body))


@pytest.mark.parametrize("key", ["$where", "a.b", "__proto__", "constructor", "_id", "%24x", "a$b", " x "])
def test_an_odd_key_is_kept_as_it_came(api: Api, run_id: str, key: str) -> None:
    made = api.post(RUNS, {"experiment": "first", "config": {key: {"$gt": "$$ROOT"}}})
    assert made.status_code == 201
    read = api.get(f"runs/{made.json()['run']['run_id']}").json()["run"]
    assert read["params"] == {f"{key}.$gt": "$$ROOT"}


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "", "multipart/form-data"],
)  # fmt: skip
def test_another_kind_of_body_is_refused(api: Api, content_type: str) -> None:
    refused(api.post(RUNS, {"experiment": "first"}, content_type=content_type), 415)


@pytest.mark.usefixtures("nothing_changes")
def test_a_compressed_body_is_refused(api: Api) -> None:
    refused(api.post(RUNS, {"experiment": "first"}, **{"Content-Encoding": "gzip"}), 415)


@pytest.mark.usefixtures("nothing_changes")
def test_a_body_over_the_limit_is_refused(api: Api) -> None:
    body = {"experiment": "first", "config": {"a": "x" * 17 * 1024 * 1024}}
    refused(api.post(RUNS, body), 413)
    refused(api.post(RUNS, {"experiment": "first", "tags": {"a": "x" * 10 * 1024 * 1024}}), 413)


POINT = {"key": "loss", "value": 0.5, "step": 1, "timestamp_ms": 1}


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    "changes",
    [
        {"value": "high"}, {"value": True}, {"value": None}, {"value": "nan"}, {"value": 2**64}, {"value": [1]},
        {"step": 2**63}, {"step": -(2**63) - 1}, {"step": 1.5}, {"step": "1"}, {"step": True},
        {"timestamp_ms": 2**64}, {"key": ""}, {"key": "x" * 251}, {"key": "a\x00"}, {"key": 1}, {"other": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_doubtful_metric_is_refused(api: Api, run_id: str, changes: dict[str, Any]) -> None:
    points = [POINT, POINT | changes]
    refused(api.post(f"runs/{run_id}/metrics", {"metrics": points}))


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    "body", [{"metrics": {}}, {"metrics": [1]}, {"metrics": [None]}, {}, {"metrics": [{}]}]
)
def test_metrics_of_another_shape_are_refused(api: Api, run_id: str, body: Any) -> None:
    refused(api.post(f"runs/{run_id}/metrics", body))


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    "run_id_asked",
    ["x", "0" * 32, "A" * 32, "x" * 10_000, "%00", "%ff", "..%2f..%2f", "' OR 1=1--", "1", "-1", "%0a"],
)
@pytest.mark.parametrize("tail", ["", "/complete", "/artifacts/x"])
def test_a_run_id_that_is_none_is_not_found(api: Api, run_id_asked: str, tail: str) -> None:
    refused(api.get(f"runs/{run_id_asked}{tail}"), 400, 404)


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    "path",
    [
        "../../x", "..%2f..%2fx", "%252e%252e%252fx", "..%5cx", "%c0%ae%c0%ae/x", "/etc/passwd", "C:%5cx",
        "%5c%5chost%5cx", "~/x", "a%00b", "a%0ab", "..;/x", "x" * 300, "a%E2%80%8Fb", "a//b", "./a", "a/.", "",
    ],
)  # fmt: skip
def test_a_path_that_climbs_or_hides_is_refused(api: Api, run_id: str, path: str) -> None:
    answer = api.ask("PUT", f"runs/{run_id}/artifacts/{path}", b"any", content_type="text/plain")
    refused(answer, 400, 404, 405)
    assert Artifact.objects.count() == 0


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(("length", "status"), [("", 400), ("-1", 400), ("1e3", 400), ("9" * 30, 413)])
def test_a_file_of_another_length_than_announced_is_refused(
    api: Api, run_id: str, length: str, status: int
) -> None:
    answer = api.ask("PUT", f"runs/{run_id}/artifacts/a.txt", b"any", CONTENT_LENGTH=length)
    refused(answer, status)


@pytest.mark.django_db(transaction=True)
def test_a_client_that_breaks_off_leaves_nothing(live_server: LiveServer, api: Api, run_id: str) -> None:
    server = urlsplit(live_server.url)
    head = (
        f"PUT /api/1/runs/{run_id}/artifacts/a.bin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
        f"Authorization: Bearer {api.token}\r\n\r\nabc"
    )
    with socket.create_connection((server.hostname, server.port), timeout=10) as connection:
        connection.sendall(head.encode())
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").readline()
    assert b" 400 " in answer
    assert Artifact.objects.count() == 0


@pytest.mark.usefixtures("nothing_changes")
def test_a_file_over_the_limit_is_refused(api: Api, run_id: str, settings: LazySettings) -> None:
    settings.ARTIFACT_MAX_MB = 1
    refused(api.ask("PUT", f"runs/{run_id}/artifacts/a.bin", b"x" * (1024**2 + 1)), 413)


def test_a_file_comes_back_as_it_went(api: Api, run_id: str) -> None:
    content = bytes(range(256)) * 5_000
    made = api.ask("PUT", f"runs/{run_id}/artifacts/model/ä b.html", content)
    assert made.status_code == 201
    assert made.json()["artifact"]["size_bytes"] == len(content)
    read: Any = api.get(f"runs/{run_id}/artifacts/model/ä b.html")
    assert read.getvalue() == content
    assert read["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert read["Content-Disposition"].startswith("attachment")


@pytest.mark.usefixtures("nothing_changes")
def test_the_query_string_means_nothing(api: Api, run_id: str) -> None:
    plain = api.get(f"runs/{run_id}").json()
    for query in ("max_results=-1", "name__ne=", "__raw__={}", "order_by=password", "page_token=x"):
        assert api.get(f"runs/{run_id}?{query}").json() == plain


def test_a_param_keeps_its_value(api: Api, run_id: str) -> None:
    api.ask("PATCH", f"runs/{run_id}", {"params": {"lr": 1}})
    before = fingerprint()
    assert refused(api.ask("PATCH", f"runs/{run_id}", {"params": {"lr": 2}})) == "param_conflict"
    assert fingerprint() == before
    assert api.ask("PATCH", f"runs/{run_id}", {"params": {"lr": 1}}).status_code == 200


def test_the_same_key_makes_one_run(api: Api, run_id: str) -> None:
    body, key = {"experiment": "first", "name": "once"}, {"Idempotency-Key": "k1"}
    first, again = api.post(RUNS, body, **key), api.post(RUNS, body, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert TrainingRun.objects.filter(name="once").count() == 1
    other = api.post(RUNS, body | {"name": "other"}, **key)
    assert refused(other, 422) == "idempotency_key_reused"
    assert TrainingRun.objects.filter(name="other").count() == 0


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("key", ["", "x" * 201, "ä", "a\tb"])
def test_an_odd_idempotency_key_is_refused(api: Api, key: str) -> None:
    refused(api.post(RUNS, {"experiment": "first"}, **{"Idempotency-Key": key}))
