"""How the caches fare: counted in each process, added up in Redis by the minute (``registry.counting``)."""

import threading
from collections import Counter

from registry import counting

from .counters import counts

EVENTS = ("memory", "redis", "misses", "fills", "refused", "waits", "errors")
"""Hits in memory and in Redis; reads of the source; answers kept, and those that came too late to be; waits
for another who fills; calls that Redis did not answer."""
PREFIX = "cache."
MINUTES = 60

_lock = threading.Lock()
_process: Counter[str] = Counter()


def count(name: str, **events: int) -> None:
    """Count events of a cache."""
    for event, number in events.items():
        if number:
            field = f"{PREFIX}{name}.{event}"
            with _lock:
                _process[field] += number
            counting.count(field, number)


def of_this_process() -> dict[str, dict[str, int]]:
    """Counts since the process began: by cache, by event."""
    with _lock:
        return _by_cache(_process)


def of_all_processes() -> dict[str, dict[str, int]]:
    """Counts of all processes in the last hour (two round trips).

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    counting.carry_off()
    total: Counter[str] = Counter()
    for minute in counts(minutes=MINUTES):
        total.update({field: number for field, number in minute.items() if field.startswith(PREFIX)})
    return _by_cache(total)


def _by_cache(fields: Counter[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for field, number in fields.items():
        name, _, event = field.removeprefix(PREFIX).rpartition(".")
        found.setdefault(name, dict.fromkeys(EVENTS, 0))[event] = number
    return found
