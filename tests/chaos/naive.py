"""The dual write as it is taught, behind the same HTTP contract: to show that the suite can fail.

``pg_then_mongo``: commit the row, then write the document. ``mongo_in_transaction``: write the
document inside the transaction. ``on_commit_async``: commit, then let another thread write it, as
``transaction.on_commit(task.delay)`` does. Idempotency keys are ignored, as such code ignores them.
"""

import argparse
import json
import os
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg2
import pymongo
from psycopg2 import extensions

from registry.crash_points import crash_point

VARIANTS = ("pg_then_mongo", "mongo_in_transaction", "on_commit_async")
TABLE = "chaos_naive_run"
BETWEEN = "naive.between"
SCHEMA = """
DROP TABLE IF EXISTS chaos_naive_run;
CREATE TABLE chaos_naive_run (id bigserial PRIMARY KEY, reference text NOT NULL, body jsonb NOT NULL);
"""
START: dict[str, Any] = {
    "step": None,
    "stage": None,
    "accuracy": None,
    "status": "RUNNING",
    "deleted": False,
    "notes": [],
}
Json = dict[str, Any]
Write = Callable[[], object]


def change_of(method: str, words: list[str], request: Json) -> Callable[[Json], Json]:
    """What a request does to a run's body."""
    last = words[-1] if len(words) > 1 else method
    if last == "notes":
        return lambda body: body | {"notes": [*body["notes"], request["text"]]}
    if last == "PATCH":
        return lambda body: body | request.get("custom", {}) | request.get("tags", {})
    news: Json = {
        "metrics": lambda: {"accuracy": request["metrics"][0]["value"]},
        "end": lambda: {"status": request["status"]},
        "restore": lambda: {"deleted": False},
        "DELETE": lambda: {"deleted": True},
    }[last]()
    return lambda body: body | news


class DualWrite:
    """The business code of all three variants."""

    def __init__(self, variant: str, documents: "pymongo.collection.Collection[Json]") -> None:
        self._variant, self._documents = variant, documents

    def create(self, database: extensions.connection, reference: str) -> Json:
        with database.cursor() as cursor:
            cursor.execute(
                "INSERT INTO chaos_naive_run (reference, body) VALUES (%s, %s) RETURNING id",
                [reference, json.dumps(START)],
            )
            (run_id,) = cursor.fetchone() or (0,)
        document = {"run_id": run_id, "reference": reference, "body": START}
        self._finish(database, lambda: self._documents.insert_one(document))
        return {"run": {"run_id": str(run_id), "version": 1}}

    def update(self, database: extensions.connection, run_id: int, change: Callable[[Json], Json]) -> Json:
        with database.cursor() as cursor:
            cursor.execute("SELECT body FROM chaos_naive_run WHERE id = %s FOR UPDATE", [run_id])
            (body,) = cursor.fetchone() or (START,)
            body = change(body)
            cursor.execute("UPDATE chaos_naive_run SET body = %s WHERE id = %s", [json.dumps(body), run_id])
        write = {"$set": {"body": body}}
        self._finish(database, lambda: self._documents.update_one({"run_id": run_id}, write))
        return {"run": {"run_id": str(run_id)}}

    def _finish(self, database: extensions.connection, write: Write) -> None:
        if self._variant == "mongo_in_transaction":
            write()
            crash_point(BETWEEN)
        database.commit()
        if self._variant != "mongo_in_transaction":
            crash_point(BETWEEN)
        if self._variant == "pg_then_mongo":
            write()
        elif self._variant == "on_commit_async":
            threading.Thread(target=write, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    """One thread and one PostgreSQL connection a client."""

    protocol_version = "HTTP/1.1"
    service: DualWrite
    database: extensions.connection | None = None

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        try:
            self._answer(201, self._serve(request))
        except (psycopg2.Error, pymongo.errors.PyMongoError) as error:
            self._drop()
            self._answer(503, {"error": {"code": "unavailable", "message": str(error)}})

    do_PATCH = do_DELETE = do_POST  # noqa: N815 (http.server calls them so)

    def do_GET(self) -> None:
        self._answer(200, {})

    def finish(self) -> None:
        super().finish()
        self._drop()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
        """Silent."""

    def _serve(self, request: Json) -> Json:
        words = self.path.strip("/").split("/")[2:]
        if words[0] in ("experiments", "datasets"):
            return {"experiment": {"name": request["name"]}}
        if self.database is None:
            self.database = psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=2)
        if len(words) == 1:
            return self.service.create(self.database, request["name"])
        change = change_of(self.command, words[1:], request)
        return self.service.update(self.database, int(words[1]), change)

    def _drop(self) -> None:
        if self.database is not None:
            self.database.close()
            self.database = None

    def _answer(self, status: int, body: Json) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("variant", choices=VARIANTS)
    parser.add_argument("port", type=int)
    wanted = parser.parse_args()
    client = pymongo.MongoClient[Json](
        os.environ["MONGODB_URL"], serverSelectionTimeoutMS=1_000, timeoutMS=2_000
    )
    Handler.service = DualWrite(wanted.variant, client.get_default_database()[TABLE])
    Server(("127.0.0.1", wanted.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
