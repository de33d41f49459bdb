"""MLflow's REST API as the preparation and the checks of a case ask it: simple, and not measured."""

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from .http_lines import Connection
from .servers import ServerAddress

BASE = "/api/2.0/mlflow/"
FILES = "/api/2.0/mlflow-artifacts/artifacts/"
OK = 200


class RefusedError(Exception):
    """A server did not do what the benchmark asked of it."""


class Api:
    """One server's API."""

    def __init__(self, server: ServerAddress) -> None:
        parts = urlsplit(server.url)
        self._connection = Connection(str(parts.hostname), parts.port or 80, server.headers)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Ask with a JSON body."""
        return self._ask("POST", BASE + path, json.dumps(body).encode())

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Ask with a query string."""
        return self._ask("GET", f"{BASE}{path}?{urlencode(query)}")

    def experiment(self, name: str) -> str:
        """Create an experiment; returns its id."""
        found: str = self.post("experiments/create", name=name)["experiment_id"]
        return found

    def run(self, experiment_id: str, **fields: Any) -> dict[str, Any]:
        """Create a run; returns its info."""
        body = {"experiment_id": experiment_id, "start_time": 1, "run_name": "prepared", **fields}
        info: dict[str, Any] = self.post("runs/create", **body)["run"]["info"]
        return info

    def all_runs(self, experiment_id: str, page: int = 1_000) -> list[dict[str, Any]]:
        """Every run of an experiment, page by page."""
        runs: list[dict[str, Any]] = []
        token = ""
        while True:
            body = {"experiment_ids": [experiment_id], "max_results": page, "page_token": token}
            answer = self.post("runs/search", **{name: value for name, value in body.items() if value})
            runs += answer.get("runs", [])
            if not (token := answer.get("next_page_token", "")):
                return runs

    def history(self, run_id: str, key: str) -> list[dict[str, Any]]:
        """Every point of a metric, as the server orders them."""
        answer = self.get("metrics/get-history", run_id=run_id, metric_key=key, max_results=25_000)
        points: list[dict[str, Any]] = answer.get("metrics", [])
        return points

    def put(self, path: str, data: bytes) -> None:
        """Upload a file."""
        self._ask("PUT", path, data)

    def files(self, folder: str) -> dict[str, int]:
        """Names and sizes of the files in a folder of artifacts."""
        answer = self._ask("GET", f"{FILES.rstrip('/')}?{urlencode({'path': folder})}")
        return {each["path"]: int(each["file_size"]) for each in answer.get("files", [])}

    def _ask(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        with self._connection as connection:  # a fresh one each time: a server closes what idles
            answer = connection.ask(method, path, body)
        if answer.status != OK:
            raise RefusedError(f"{method} {path} answers {answer.status}: {answer.body[:300]!r}")
        found: dict[str, Any] = json.loads(answer.body or b"{}")
        return found
