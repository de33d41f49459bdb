"""Messages as the broker hands them over: read, done, acknowledged; or written down as dead letters."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import kombu

from registry.fields import HEX_ID

from . import dead_letters
from .batches import Tally, consume_batch
from .broker import from_broker
from .patience import patiently
from .received import Received
from .registering import CONSUMERS, TASKS
from .returned import GivenUpError, UnknownTaskError, UnreadableError, owe_again
from .running import run_task
from .topology import TASK_QUEUES, Queues

OWN_HEADERS = {"message_id", "name", "key", "compression", "redelivered", "x-delivery-count"}


def handle(queue: Queues, messages: Sequence[kombu.Message]) -> Tally:
    """Do what messages of a queue ask for, and acknowledge them.

    Raises:
        PostgresqlAwayError: PostgreSQL is away; none of the rest is acknowledged.
    """
    if queue is Queues.DEAD:
        return _collect(messages)
    tally = Tally()
    readable: list[tuple[kombu.Message, Received]] = []
    for message in messages:
        try:
            readable.append((message, read(message, is_task=queue in TASK_QUEUES)))
        except UnreadableError as error:
            patiently(partial(keep, queue, message, error))
    if queue in TASK_QUEUES:
        for message, received in readable:
            tally.add(run_task(TASKS[received.name], received.message_id, received.body))
            message.ack()
    elif readable:
        tally = consume_batch(CONSUMERS[queue], [received for _, received in readable])
        for message, _ in readable:
            message.ack()
    return tally


def read(message: kombu.Message, *, is_task: bool) -> Received:
    """A message as its consumer sees it; of a task, the body is its arguments.

    Raises:
        UnreadableError: it can't be read, or is for nobody here.
    """
    headers = dict(message.headers or {})
    try:
        body = message.decode()
    except Exception as error:  # (whoever sent it chose what it breaks)
        raise UnreadableError(f"Its body can't be read: {error}") from error
    if is_task:
        return _task(headers, body)
    message_id, name = headers.get("message_id"), headers.get("name")
    if not _is_id(message_id) or not name or not isinstance(name, str):
        raise UnreadableError("It does not say which message it is.")
    own = {name: value for name, value in headers.items() if name not in OWN_HEADERS}
    return Received(str(message_id), name, str(headers.get("key", "")), own, body, 0)


def keep(queue: str, message: kombu.Message, error: Exception) -> None:
    """Write down a message that can't be done, or owe it again if it is ours; then acknowledge it."""
    headers = dict(message.headers or {})
    message_id = str(headers.get("id") or headers.get("message_id") or "")
    is_returned = isinstance(error, UnknownTaskError | GivenUpError) and owe_again(message_id, queue, error)
    if not is_returned:
        dead_letters.keep_foreign(
            queue=_storable(queue),
            message_id=message_id,
            body=_raw(message.body),
            headers={_storable(str(name)): repr(value)[:500] for name, value in headers.items()},
            reason=_storable(str(error)),
        )
    message.ack()


def _task(headers: dict[str, Any], body: Any) -> Received:
    name, message_id = headers.get("task"), headers.get("id")
    if not isinstance(name, str):
        raise UnreadableError("It is no task.")
    if not _is_id(message_id):
        raise UnreadableError("It does not say which message it is.")
    if name not in TASKS:
        raise UnknownTaskError(f"Nobody here knows the task {name!r}.")
    match body:
        case [[], dict(arguments), dict() | None]:
            return Received(str(message_id), name, "", {}, arguments, 0)
    raise UnreadableError("Its body is no task's.")


def _collect(messages: Sequence[kombu.Message]) -> Tally:
    """What RabbitMQ gave up: ours are owed again if they are open, all others written down."""
    for message in messages:
        match (message.headers or {}).get("x-death"):
            case [{"queue": str(name), "reason": str(why)}, *_]:
                queue = from_broker(name)
            case _:
                queue, why = "", "unknown"
        error = GivenUpError(f"The broker gave it up: {why} in {queue or 'no queue'}.")
        patiently(partial(keep, queue, message, error))
    return Tally()


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(HEX_ID.fullmatch(value))


def _storable(text: str) -> str:
    """PostgreSQL takes neither of these, and a stranger may send both."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\0")


def _raw(body: object) -> bytes:
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    return (body if isinstance(body, str) else repr(body)).encode(errors="backslashreplace")
