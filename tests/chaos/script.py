"""What happens to one run: registered, changed from two sides at once, ended, perhaps deleted."""

import time
from typing import Any

from .http_client import Answer, Api, GaveUpError, RefusedError
from .ledger import Ledger, Told

OK = 200
Request = tuple[str, str, dict[str, Any] | None]  # method, the path below the run, body


class Script:
    """One run's operations, each repeated until it is acknowledged; what was told is written down."""

    def __init__(self, ledger: Ledger, told: Told, main: Api, side: Api) -> None:
        self._ledger, self._told, self._main, self._side = ledger, told, main, side

    def register(self) -> bool:
        told, began = self._told, time.monotonic()
        place = self._ledger.experiment
        body = {"experiment": place, "dataset": place, "name": told.reference, "config": {"lr": 0.1}}
        answer = self._do(self._main, ("POST", "", body), what="register")
        if answer is None:
            return False
        told.run_id = str(answer.body["run"]["run_id"])
        told.expected = {"deleted": False}
        self._ledger.seconds.append(time.monotonic() - began)
        return True

    def advance(self, steps: int) -> None:
        """One number that only grows: an older value at the end is an old write over a newer."""
        for step in range(1, steps + 1):
            self._set(self._main, "step", step, ("PATCH", "", {"custom": {"step": step}}))
        self._read_back()

    def _read_back(self) -> None:
        """What was just written is shown, or said to be pending; no answer is no surprise in a storm."""
        answer = self._main.ask("GET", f"/api/1/runs/{self._told.run_id}/complete")
        part = answer.body.get("stores", {}).get("mongodb", {})
        if answer.status != OK or part.get("state") not in ("current", "copy") or "step" in self._told.unsure:
            return
        shown = ((part["body"] or {}).get("custom") or {}).get("step")
        if shown != self._told.expected.get("step"):
            self._ledger.refusals.append(f"{self._told} reads {part['state']} but {shown}")

    def comment(self, notes: int) -> None:
        """From the other side, at the same time."""
        for number in range(notes):
            text = f"{self._told.reference} note {number}"
            if self._do(self._side, ("POST", "/notes", {"text": text}), what=f"note{number}"):
                self._told.notes.append(text)
            stage = f"stage-{number}"
            self._set(self._side, "stage", stage, ("PATCH", "", {"tags": {"stage": stage}}))

    def finish(self, *, accuracy: float, is_deleted: bool, is_restored: bool) -> None:
        point = {"key": "accuracy", "value": accuracy, "step": 1, "timestamp_ms": 1_700_000_000_000}
        self._set(self._main, "accuracy", accuracy, ("POST", "/metrics", {"metrics": [point]}))
        self._set(self._main, "status", "FINISHED", ("POST", "/end", {"status": "FINISHED"}))
        if is_deleted:
            self._set(self._main, "deleted", True, ("DELETE", "", None))
            if is_restored:
                self._set(self._main, "deleted", False, ("POST", "/restore", {}))

    def _set(self, api: Api, name: str, value: Any, request: Request) -> None:
        if self._do(api, request, what=f"{name}-{value}"):
            self._told.expected[name] = value
            self._told.unsure.discard(name)
        else:
            self._told.unsure.add(name)

    def _do(self, api: Api, request: Request, what: str) -> Answer | None:
        told, before = self._told, api.attempts
        method, path, body = request
        whole = f"/api/1/runs/{told.run_id}{path}" if told.run_id else "/api/1/runs"
        answer = None
        try:
            answer = api.insist(method, whole, body, f"{self._ledger.experiment}-{told.reference}-{what}")
        except GaveUpError:
            pass
        except RefusedError as error:
            self._ledger.refusals.append(str(error))
        self._ledger.count(is_acknowledged=answer is not None, attempts=api.attempts - before)
        return answer
