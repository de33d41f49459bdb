"""One thread's connection to the API: a request repeated with the same key until it is acknowledged."""

import http.client
import json
import random
import time
import urllib.parse
from dataclasses import dataclass
from typing import Any

REQUEST_SECONDS = 2.5  # shorter than some pauses: an answer may come when nobody waits for it any more
PATIENCE_SECONDS = 60
RETRIED = (408, 425, 429)


class RefusedError(Exception):
    """The API will never do this: a fault of the suite or of the API, not of the chaos."""


class GaveUpError(Exception):
    """No acknowledgement came in time: done or not done, nobody knows."""


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 is no answer."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def is_acknowledged(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_worth_repeating(self) -> bool:
        still_running = self.status == 409 and "retry-after" in self.headers
        return self.status == 0 or self.status >= 500 or self.status in RETRIED or still_running


class Api:
    """Not for several threads."""

    def __init__(self, url: str, token: str, rng: random.Random) -> None:
        self._address = urllib.parse.urlsplit(url).netloc
        self._token, self._rng = token, rng
        self._connection: http.client.HTTPConnection | None = None
        self.attempts = 0

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, key: str = "") -> Answer:
        """One request, one answer."""
        self.attempts += 1
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self._address, timeout=REQUEST_SECONDS)
            self._connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return Answer(0, {}, {})
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, _parsed(text), names)

    def insist(self, method: str, path: str, body: dict[str, Any] | None, key: str) -> Answer:
        """The same request until it is acknowledged.

        Raises:
            RefusedError: a refusal that no repetition changes.
            GaveUpError: no acknowledgement within a minute.
        """
        deadline, wait = time.monotonic() + PATIENCE_SECONDS, 0.05
        while True:
            answer = self.ask(method, path, body, key)
            if answer.is_acknowledged:
                return answer
            if not answer.is_worth_repeating:
                raise RefusedError(f"{method} {path} {body}: {answer.status} {answer.body}")
            if time.monotonic() > deadline:
                raise GaveUpError(f"{method} {path}: last answer {answer.status} {answer.body}")
            time.sleep(wait * self._rng.uniform(0.5, 1))
            wait = min(wait * 2, 0.6)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {"text": text[:300].decode(errors="replace")}
    return body if isinstance(body, dict) else {"body": body}
