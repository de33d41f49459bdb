"""The load: many clients over HTTP that register runs, change them from two sides, end and delete them."""

import contextlib
import random
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from .http_client import Api
from .ledger import Ledger, Told
from .script import Script


@dataclass(frozen=True)
class Load:
    """How much, how long, by which seed."""

    seed: int
    runs: int
    seconds: float
    clients: int = 12


class Workload:
    """Run ``i`` does the same things in every round of the same seed, whoever serves it."""

    def __init__(self, load: Load, url: str, token: str) -> None:
        self._load, self._url, self._token = load, url, token
        self.ledger = Ledger(f"chaos-{load.seed}-{uuid.uuid4().hex[:8]}")
        self._lock = threading.Lock()
        self.finished = 0

    def prepare(self) -> None:
        """The experiment and a dataset of its name, before anything fails."""
        api = Api(self._url, self._token, random.Random(0))
        name = self.ledger.experiment
        api.insist("POST", "/api/1/datasets", {"name": name, "digest": name}, f"{name}-dataset")
        api.insist("POST", "/api/1/experiments", {"name": name}, f"{name}-experiment")
        api.close()

    def run(self, progress: Callable[[int], None]) -> None:
        load = self._load
        with ThreadPoolExecutor(load.clients) as pool:
            clients = [
                pool.submit(self._client, range(k, load.runs, load.clients)) for k in range(load.clients)
            ]
            while not all(client.done() for client in clients):
                progress(self.finished)
                time.sleep(0.2)
        for client in clients:
            client.result()
        progress(self.finished)

    def _client(self, numbers: range) -> None:
        pace = self._load.seconds / max(1, len(numbers))
        rng = random.Random(f"{self._load.seed}:client:{numbers.start}")
        main, side = (Api(self._url, self._token, random.Random(rng.random())) for _ in range(2))
        with ThreadPoolExecutor(1) as other_side, contextlib.closing(main), contextlib.closing(side):
            for number in numbers:
                began = time.monotonic()
                self._one_run(number, main, side, other_side)
                with self._lock:
                    self.finished += 1
                time.sleep(max(0.0, pace - (time.monotonic() - began)))

    def _one_run(self, number: int, main: Api, side: Api, other_side: ThreadPoolExecutor) -> None:
        rng = random.Random(f"{self._load.seed}:{number}")
        told = Told(f"r{self._load.seed}-{number}")
        with self._lock:
            self.ledger.runs.append(told)
        steps, notes = rng.randint(2, 4), rng.randint(1, 3)
        end, is_deleted, is_restored = round(rng.random(), 6), rng.random() < 0.25, rng.random() < 0.5
        script = Script(self.ledger, told, main, side)
        if script.register():
            left: Future[None] = other_side.submit(script.comment, notes)
            script.advance(steps)
            left.result()
            script.finish(accuracy=end, is_deleted=is_deleted, is_restored=is_restored)
