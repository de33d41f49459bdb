"""Clients side by side, each in a process forked from this one. Standard library only."""

import json
import os
import sys
import traceback
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any


def run_together(clients: list[Callable[[Any], Any]]) -> list[Any]:
    """Call each function in a process of its own; returns what they return, as JSON keeps it.

    Each is given a barrier to wait at when it is ready.

    Raises:
        RuntimeError: one of them failed; standard error has the reason.
    """
    barrier = get_context("fork").Barrier(len(clients))
    children = [_fork(each, barrier) for each in clients]
    results, has_failed = [], False
    for child, read in children:
        with os.fdopen(read) as pipe:
            text = pipe.read()
        _, status = os.waitpid(child, 0)
        has_failed = has_failed or status != 0
        results.append(json.loads(text) if status == 0 else None)
    if has_failed:
        raise RuntimeError("A client failed; its reason is above.")
    return results


def _fork(client: Callable[[Any], Any], barrier: Any) -> tuple[int, int]:
    read, write = os.pipe()
    if child := os.fork():
        os.close(write)
        return child, read
    status = 1
    try:
        with os.fdopen(write, "w") as out:
            json.dump(client(barrier), out)
        status = 0
    except BaseException:  # noqa: BLE001 (a child must not run on in its parent's code)
        barrier.abort()
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)
