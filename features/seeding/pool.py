"""Worker processes that train; the process that records stays free of scikit-learn."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any

from features.seeding.results import DatasetFacts, TrainedRun
from features.seeding.sweep import DeclaredRun

AHEAD = 4  # trainings in flight per worker: results wait in memory until they are recorded


class Workers:
    """Trains and describes in other processes, from the call on; answers in the order asked."""

    def __init__(self, executor: ProcessPoolExecutor, count: int) -> None:
        self._executor = executor
        self._in_flight = AHEAD * count

    def describe(self, datasets: Sequence[str]) -> Iterator[DatasetFacts]:
        """The facts of each data set."""
        return self._each("features.seeding.datasets", "describe", datasets)

    def train(self, runs: Sequence[DeclaredRun]) -> Iterator[TrainedRun]:
        """The result of each run; a training that fails raises its own error here."""
        return self._each("features.seeding.trainer", "train", runs)

    def train_churn(self, rows: Any) -> Iterator[TrainedRun]:
        """The result of the churn model's training."""
        return self._each("features.seeding.churn_training", "train", [rows])

    def train_recommendations(self, known: Any) -> Iterator[TrainedRun]:
        """The result of the recommendation model's training."""
        return self._each("features.recommending.training", "train", [known])

    def train_values(self, rows: Sequence[Any]) -> Iterator[TrainedRun]:
        """The results of the models of customers' value."""
        return self._each("features.seeding.value_training", "train", rows)

    def _each(self, module: str, function: str, items: Sequence[Any]) -> Iterator[Any]:
        def submit(item: Any) -> Future[Any]:
            return self._executor.submit(_call, module, function, item)

        waiting = iter(items)
        pending = deque(submit(item) for item in islice(waiting, self._in_flight))
        return _results(pending, map(submit, waiting))


@contextmanager
def workers(count: int) -> Iterator[Workers]:
    """``count`` processes, gone when the block is left, also by an error or Ctrl-C."""
    # A fork would copy the open connections and threads of MongoDB's driver.
    executor = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_settle_in)
    try:
        yield Workers(executor, count)
    finally:
        executor.shutdown(cancel_futures=True)


def _results(pending: deque[Future[Any]], later: Iterator[Future[Any]]) -> Iterator[Any]:
    while pending:
        yield pending.popleft().result()
        pending.extend(islice(later, 1))


def _call(module: str, function: str, item: Any) -> Any:
    # Imported here, by name: the parent process never pays for scikit-learn.
    called: Callable[[Any], Any] = getattr(import_module(module), function)
    return called(item)


def _settle_in() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """Idle workers of a killed parent would wait for work for ever."""
    if parent := parent_process():
        parent.join()
        os._exit(1)
