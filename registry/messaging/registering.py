"""Who does what: the tasks and consumers of the applications, by name and queue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .received import Received
from .topology import TASK_QUEUES, Queues

Function = TypeVar("Function", bound=Callable[..., None])
Consuming = Callable[[Sequence[Received]], None]
USUAL_ATTEMPTS = 5


@dataclass(frozen=True)
class TaskSpec:
    """A task: what it runs, where it waits, how often it is begun."""

    name: str
    function: Callable[..., None]
    queue: Queues
    max_attempts: int
    is_atomic: bool


@dataclass(frozen=True)
class ConsumerSpec:
    """A consumer of a queue: what takes its messages, up to ``batch`` at once."""

    queue: Queues
    function: Consuming
    batch: int
    max_attempts: int


TASKS: dict[str, TaskSpec] = {}
CONSUMERS: dict[Queues, ConsumerSpec] = {}


def task(
    name: str, *, queue: Queues, max_attempts: int = USUAL_ATTEMPTS, is_atomic: bool = True
) -> Callable[[Function], Function]:
    """Register what a task does; the function stays callable as it is.

    Args:
        name: what :func:`promise_task` calls it.
        queue: one of the exchange ``tasks``.
        max_attempts: after so many it is a dead letter.
        is_atomic: it runs in one transaction with the mark that it is done, so what it does in
            PostgreSQL happens once. False for minutes of computing: it must be repeatable.

    Raises:
        ValueError: the name is taken, or the queue is none for tasks.
    """
    if queue not in TASK_QUEUES:
        raise ValueError(f"{queue} takes no tasks; {', '.join(TASK_QUEUES)} do.")

    def register(function: Function) -> Function:
        known = TASKS.get(name)
        if known and _place(known.function) != _place(function):
            raise ValueError(f"The task {name!r} is {known.function.__module__}'s.")
        TASKS[name] = TaskSpec(name, function, queue, max_attempts, is_atomic)
        return function

    return register


def consumer(
    queue: Queues, *, batch: int = 100, max_attempts: int = USUAL_ATTEMPTS
) -> Callable[[Consuming], Consuming]:
    """Register what takes a queue's messages, up to ``batch`` at once and in one transaction.

    Raises:
        ValueError: the queue has a consumer, or is one of tasks.
    """
    if queue in TASK_QUEUES:
        raise ValueError(f"{queue} holds tasks, which workers run.")

    def register(function: Consuming) -> Consuming:
        known = CONSUMERS.get(queue)
        if known and _place(known.function) != _place(function):
            raise ValueError(f"{queue} is consumed by {known.function.__module__}.")
        CONSUMERS[queue] = ConsumerSpec(queue, function, batch, max_attempts)
        return function

    return register


def _place(function: Callable[..., Any]) -> tuple[str, str]:
    return function.__module__, function.__qualname__
