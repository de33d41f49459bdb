"""What threads of this process are computing right now."""

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any


class InFlight:
    """Who computes an answer, so that others wait for it instead of computing it, too."""

    def __init__(self) -> None:
        self._flights: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()

    def take(self, keys: Iterable[str]) -> tuple[list[str], dict[str, Future[Any]]]:
        """Which of these the caller is to compute from now on, and the others' flights."""
        ours, others = [], {}
        with self._lock:
            for key in keys:
                if key in self._flights:
                    others[key] = self._flights[key]
                else:
                    self._flights[key] = Future()
                    ours.append(key)
        return ours, others

    def of(self, keys: Iterable[str]) -> dict[str, Future[Any]]:
        """The flights that there are."""
        with self._lock:
            return {key: self._flights[key] for key in keys if key in self._flights}

    def land(self, answers: Mapping[str, Any]) -> None:
        """Tell answers to whoever waits for them."""
        with self._lock:
            flights = [(self._flights.pop(key), value) for key, value in answers.items()]
        for flight, value in flights:
            flight.set_result(value)

    def crash(self, keys: Iterable[str], error: BaseException) -> None:
        """Tell whoever waits that there is no answer."""
        with self._lock:
            flights = [self._flights.pop(key) for key in keys]
        for flight in flights:
            flight.set_exception(error)
