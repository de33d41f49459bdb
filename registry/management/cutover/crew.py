"""Threads that write and read notes all the while."""

import itertools
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from django.db import connections

from registry.exceptions import RegistryError
from registry.models import TrainingRun
from registry.services.run_log import add_note
from registry.sync.run_notes.notes import run_notes

PAUSE_SECONDS = 0.005
QUERY = "api"


@dataclass(frozen=True)
class Acknowledged:
    """A note that the platform has said is kept."""

    run_id: str
    note_id: str
    text: str


@dataclass
class Crew:
    """Writers, which write as many notes as they are let, and one reader.

    Attributes:
        acknowledged: what was written, in the order of the answers.
        refused: what the platform answered instead of taking a note.
        reads: how often the reader read; ``blind`` how often a note was not there that had been
            acknowledged before the read began.
    """

    runs: list[TrainingRun]
    writers: int
    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    reads: int = 0
    blind: int = 0
    allowed: int = 0

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._taken = 0
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        work = [self._write] * self.writers + [self._read]
        self._threads = [threading.Thread(target=self._guarded, args=(each,), daemon=True) for each in work]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    @property
    def answers(self) -> int:
        """How many notes have been taken or refused."""
        return len(self.acknowledged) + len(self.refused)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            while not self._is_over.is_set():
                work()
        except Exception as error:  # noqa: BLE001 (told by the demonstration, which then fails)
            self.broken.append(f"{type(error).__name__}: {error}")
        finally:
            connections.close_all()

    def _write(self) -> None:
        with self._lock:
            is_let = self._taken < self.allowed
            self._taken += is_let
        if not is_let:
            time.sleep(PAUSE_SECONDS)
            return
        run, text = random.choice(self.runs), f"note {next(self._numbers)}"  # noqa: S311 (any run will do)
        try:
            note_id = add_note(run_id=run.run_id, text=text)
        except RegistryError as error:
            self.refused.append(str(error))
        else:
            self.acknowledged.append(Acknowledged(run.run_id, note_id, text))

    def _read(self) -> None:
        run = random.choice(self.runs)  # noqa: S311
        known = {each.note_id for each in self.acknowledged if each.run_id == run.run_id}
        try:
            found = {each.key for each in run_notes(run, query=QUERY, limit=max(self.allowed, 1))}
        except RegistryError:
            return
        self.reads += 1
        self.blind += not known <= found
        time.sleep(PAUSE_SECONDS)
