"""How long a call took, and how it ended."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass
class Took:
    seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Took]:
    took, began = Took(), time.monotonic()
    try:
        yield took
    finally:
        took.seconds = time.monotonic() - began


def until(holds: Callable[[], Any], *, seconds: float) -> float:
    """Ask until it holds; returns how long that took, fails after so many seconds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it did not recover in time"
        time.sleep(0.05)
    return time.monotonic() - began
