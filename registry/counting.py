"""What happens, counted in process and carried off about once a second.

>>> count("requests.mlflow.served")

A count costs no call. Who carries them off is enrolled by those above this package (features: Redis). A
process that is killed loses what it counted since it last did, a second's worth; one that ends does not.
While nobody can be reached it goes on counting, and what it counted arrives later, once.
"""

import atexit
import logging
import os
import secrets
import threading
from collections.abc import Callable, Mapping

from django.conf import settings

logger = logging.getLogger(__name__)
MOST_NAMES = 5_000


class CarrierAwayError(Exception):
    """The counts may or may not have arrived: they come again, under the same batch."""


Carrier = Callable[[str, Mapping[str, int]], None]


class _Process:
    """What this process has counted; ``unsure`` was sent, and nobody said that it arrived."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.carrying = threading.Lock()
        self.pending: dict[str, int] = {}
        self.unsure: tuple[str, dict[str, int]] | None = None
        self.stir = threading.Event()
        self.thread: threading.Thread | None = None


_process = _Process()
_carriers: list[Carrier] = []


def enrol(carrier: Carrier) -> None:
    """Say who takes counts: ``carrier(batch, amounts)`` adds each batch once, however often it comes."""
    _carriers[:] = [carrier]


def count(name: str, amount: int = 1) -> None:
    """Count something; past 5,000 names at once, new ones are not."""
    process = _process
    with process.lock:
        pending = process.pending
        if name in pending:
            pending[name] += amount
        elif len(pending) < MOST_NAMES:
            pending[name] = amount
    if not process.stir.is_set():
        _stir(process)


def carry_off() -> bool:
    """Hand over what was counted (a call); returns whether all of it arrived."""
    process = _process
    with process.carrying:
        if process.unsure and not _carry(process):
            return False
        with process.lock:
            taken, process.pending = process.pending, {}
        if not taken:
            return True
        process.unsure = secrets.token_hex(8), taken
        return _carry(process)


def _carry(process: _Process) -> bool:
    batch, amounts = process.unsure or ("", {})
    try:
        for carrier in _carriers:
            carrier(batch, amounts)
    except CarrierAwayError as error:
        logger.debug("Counts wait: %s", error)
        return False
    process.unsure = None
    return True


def _stir(process: _Process) -> None:
    """Have what was counted carried off within the setting's time; 0: by whoever calls carry_off."""
    if not settings.COUNTERS_EVERY_MS or not _carriers:
        return
    with process.lock:
        if process.thread is None:
            process.thread = threading.Thread(target=_work, args=(process,), name="counts", daemon=True)
            process.thread.start()
    process.stir.set()


def _work(process: _Process) -> None:
    pause = threading.Event()
    while process.stir.wait():
        pause.wait(settings.COUNTERS_EVERY_MS / 1_000)
        process.stir.clear()
        if not carry_off():
            process.stir.set()


def _begin_anew() -> None:
    global _process  # noqa: PLW0603 (a fork copies locks as they are held, and counts that are not its own)
    _process = _Process()


def _finish() -> None:
    if settings.configured and settings.COUNTERS_EVERY_MS:
        carry_off()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(_finish)
