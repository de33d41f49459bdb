"""Celery's consumer with our answer to messages that can't be run: dead letters in PostgreSQL.

Its own answers are a line in the log and an acknowledgement (undecodable), or a rejection that Redis
forgets (unknown).
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import kombu
from celery.worker import consumer
from django.db import DatabaseError, InterfaceError, connection

from .broker import from_broker
from .envelopes import celery_headers
from .receiving import keep, read
from .returned import UnreadableError

logger = logging.getLogger(__name__)
# Workers need not know of each other, and delays and retries are the outbox's.
NEEDLESS = ("mingle", "events", "gossip", "heart", "delayed_delivery")
BACK_SECONDS = 1.0


class MessageConsumer(consumer.Consumer):
    """Hands over tasks that can be read, without the 28 queues for delays, and the talk between workers."""

    class Blueprint(consumer.Consumer.Blueprint):
        default_steps = [
            step
            for step in consumer.Consumer.Blueprint.default_steps
            if step.partition(":")[0].rpartition(".")[2] not in NEEDLESS
        ]

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[kombu.Message], None]:
        """What takes each message: Celery would only look at the headers, and fail on the body later."""
        hand_over = super().create_task_handler(*args, **kwargs)

        def take(message: kombu.Message) -> None:
            message.ack_log_error = partial(self._settle, message.ack)
            message.reject_log_error = partial(self._settle, message.reject)
            try:
                found = read(message, is_task=True)
            except UnreadableError as error:
                self._keep(message, error)
            else:
                message.headers = celery_headers(found.name, found.message_id)  # whatever else came with it
                hand_over(message)

        return take

    def _settle(self, settle: Callable[..., None], _logger: object, _errors: object, *how: bool) -> None:
        """Acknowledge, or begin anew with the broker: kombu would go on over a socket that nobody watches."""
        try:
            settle(*how)
        except self.connection_errors as error:
            self.hub.call_soon(_fail, error)

    def on_decode_error(self, message: kombu.Message, exc: Exception) -> None:
        """Its body is damaged, or of a kind that nobody reads."""
        message.reject_log_error = partial(self._settle, message.reject)
        self._keep(message, UnreadableError(f"Its body can't be read: {exc}"))

    def _keep(self, message: kombu.Message, error: UnreadableError) -> None:
        """Where PostgreSQL is away it goes back to the broker in a second, and comes again."""
        queue = from_broker(str(message.delivery_info.get("routing_key", "")))
        try:
            keep(queue, message, error)
        except (DatabaseError, InterfaceError) as problem:
            logger.warning("A dead letter of %s waits: %s", queue, str(problem)[:300])
            back = partial(message.reject_log_error, logger, self.connection_errors, True)
            self.timer.call_after(BACK_SECONDS, back)
        finally:
            connection.close()


def _fail(error: Exception) -> None:
    raise error
