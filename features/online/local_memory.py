"""What a process keeps of the cache in its own memory: the most recently used, bounded in bytes."""

import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

OVERHEAD = 200  # bytes of dictionary, tuple and numbers, roughly


@dataclass(frozen=True, slots=True)
class Entry:
    """A value, until when it holds (monotonic seconds), and how large it is with its key."""

    value: bytes
    until: float
    size: int


class LocalMemory:
    """Values by key, each until its time is over or others need the room. Safe among threads."""

    def __init__(self, *, most_bytes: int) -> None:
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._lock = threading.Lock()
        self.most_bytes, self.bytes, self.evictions = most_bytes, 0, 0

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Those of the keys that are there."""
        found, now = {}, time.monotonic()
        with self._lock:
            for key in keys:
                entry = self._entries.get(key)
                if entry is None:
                    continue
                if entry.until <= now:
                    self._drop(key)
                    continue
                self._entries.move_to_end(key)
                found[key] = entry.value
        return found

    def keep(self, values: Mapping[str, bytes], *, seconds: float) -> None:
        """Keep values; one that is larger than an eighth of the room is not kept."""
        until = time.monotonic() + seconds
        with self._lock:
            for key, value in values.items():
                self._drop(key)
                size = sys.getsizeof(key) + sys.getsizeof(value) + OVERHEAD
                if size * 8 > self.most_bytes:
                    continue
                self._entries[key] = Entry(value, until, size)
                self.bytes += size
            while self.bytes > self.most_bytes:
                self._drop(next(iter(self._entries)))
                self.evictions += 1

    def drop(self, keys: Sequence[str]) -> None:
        """Forget some."""
        with self._lock:
            for key in keys:
                self._drop(key)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self.bytes = 0

    def _drop(self, key: str) -> None:
        if entry := self._entries.pop(key, None):
            self.bytes -= entry.size


memory = LocalMemory(most_bytes=settings.CACHE_LOCAL_MB * 1024 * 1024)
