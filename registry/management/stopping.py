"""Ending a process that runs until it is told to stop."""

import signal
import threading
from types import FrameType


def stop_when_told() -> threading.Event:
    """An event that is set by SIGTERM and Ctrl-C from now on; whoever watches it ends in order."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return stop
