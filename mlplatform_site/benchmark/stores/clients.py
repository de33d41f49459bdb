"""Eight clients, each a process; one or all of them work at a time."""

import gc
import logging
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import get_context
from typing import Any, Self

import mongoengine
from django.db import connection

from analysis.benchmarks.tracking.jobs import WrongAnswerError
from features.online.connection import cache, store
from registry.documents.connection import register

from .asking import Asking
from .stretches import Order, Stretch, stretch
from .way import Operation, Way


class Clients:
    """``with Clients(ways, asking, most=8) as clients``; forked before anything is connected.

    Args:
        ways: what the clients are able to do.
        asking: what they ask for.
        most: how many there are.
    """

    def __init__(self, ways: Sequence[Way], asking: Asking, *, most: int) -> None:
        self._ways, self._asking, self._most = ways, asking, most

    def __enter__(self) -> Self:
        _disconnect()
        context = get_context("fork")
        self._barriers = {number: context.Barrier(number) for number in {1, self._most}}
        self._lines, self._pids = [], []
        for place in range(self._most):
            ours, theirs = context.Pipe()
            if pid := os.fork():
                theirs.close()
                self._lines.append(ours)
                self._pids.append(pid)
            else:
                ours.close()
                _serve(place, theirs, self._ways, self._asking, self._barriers)
        register()
        return self

    def __exit__(self, *error: object) -> None:
        for pid in self._pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        for line in self._lines:
            line.close()

    def run(self, order: Order) -> list[Stretch]:
        """One stretch by the first so many clients at once.

        Raises:
            WrongAnswerError: an answer was wrong, or a client is gone.
        """
        lines = self._lines[: order.clients]
        for line in lines:
            line.send(order)
        try:
            found = [line.recv() for line in lines]
        except EOFError as error:
            raise WrongAnswerError("A client of the benchmark is gone.") from error
        for each in found:
            if isinstance(each, str):
                raise WrongAnswerError(each)
        return found


def _disconnect() -> None:
    """Connections must not be shared with what is forked."""
    connection.close()
    mongoengine.disconnect()
    for server in (cache(), store()):
        server.connection_pool.disconnect()


def _serve(place: int, line: Any, ways: Sequence[Way], asking: Asking, barriers: Any) -> None:
    """Work until the parent ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    logging.disable(logging.WARNING)  # statements of eight at once are slow, and say so
    gc.freeze()  # the data, so that collecting before each stretch is short
    opened: dict[int, Operation] = {}
    try:
        register()
        while True:
            order: Order = line.recv()
            way, barrier = ways[order.way], barriers[order.clients]
            try:
                if order.way not in opened:
                    opened[order.way] = way.open()
                operation = opened[order.way]
                line.send(stretch(way, operation, order, asking=asking, barrier=barrier, place=place))
            except WrongAnswerError as error:
                barrier.abort()
                line.send(str(error))
    except EOFError:
        pass
    except BaseException:  # noqa: BLE001 (a child must not run on in its parent's code)
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(1)
