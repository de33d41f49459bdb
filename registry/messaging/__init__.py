"""Asynchronous work: what is promised in a transaction and done in another process (docs/messaging.md).

A message is owed to each of its queues: the promise commits with what caused it, the outbox's relay
publishes it, a worker or consumer does it once. Importing this package imports no broker client.
"""

from registry.exceptions import RefusedError

from .announcing import announce, on_announcement
from .promising import promise_message, promise_task, promise_tasks
from .received import Received
from .registering import consumer, task
from .topology import Exchanges, Queues

__all__ = [
    "Exchanges",
    "Queues",
    "Received",
    "RefusedError",
    "announce",
    "consumer",
    "on_announcement",
    "promise_message",
    "promise_task",
    "promise_tasks",
    "task",
]
