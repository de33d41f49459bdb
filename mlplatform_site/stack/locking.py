"""One starter, stopper or resetter of a stack at a time."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from typing import IO

from .errors import StackError
from .layout import Layout, make_root

SECONDS = 120


@contextlib.contextmanager
def locked(where: Layout) -> Iterator[None]:
    """Hold the stack's lock, making its folder; the kernel frees the lock of a dead process.

    Raises:
        StackError: the folder can't be written, or another process holds the lock for too long.
    """
    deadline = time.monotonic() + SECONDS
    while True:
        make_root(where)
        with _opened(where) as file:
            _wait(file, where, deadline)
            if _is_current(file, where):
                yield
                return


def _opened(where: Layout) -> IO[str]:
    try:
        return where.lock.open("a")
    except OSError as error:
        raise StackError(
            f"The stack's lock {where.lock} can't be opened: {error.strerror}.",
            "Free some space or mend the folder's permissions, then do it again.",
        ) from error


def _is_current(file: IO[str], where: Layout) -> bool:
    """A reset may have deleted the folder while we waited: its lock then guards nothing."""
    try:
        return os.fstat(file.fileno()).st_ino == where.lock.stat().st_ino
    except FileNotFoundError:
        return False


def _wait(file: IO[str], where: Layout, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StackError(
                    f"Another process has held {where.lock} for {SECONDS} seconds.",
                    "Wait for it, or stop it.",
                ) from None
            time.sleep(0.05)
        else:
            return
