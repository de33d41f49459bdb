"""Publishing with the broker's word for it: RabbitMQ's confirms, many at once; Redis's answers."""

import socket
import struct
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import kombu
from amqp.exceptions import FrameSyntaxError
from django.conf import settings

from registry.sync.targets import TargetUnavailableError

from .broker import connection, errors
from .confirms import Confirms
from .entities import declare
from .envelopes import Envelope
from .protocols import is_rabbitmq

PIECE = 200
UNWRITABLE = (FrameSyntaxError, struct.error, TypeError, ValueError)
"""What py-amqp says, before it sends anything, of a message that its protocol has no form for."""


@dataclass
class Sent:
    """What came of messages; those neither taken nor refused are still to be published, for ``problem``."""

    taken: list[Envelope] = field(default_factory=list)
    refused: list[tuple[Envelope, str]] = field(default_factory=list)
    problem: str = ""


class Publisher:
    """One connection of the relay's thread; opened when it is needed, and again after each failure."""

    def __init__(self) -> None:
        self._connection: kombu.Connection | None = None
        self._address = ""
        self._producer: kombu.Producer | None = None
        self._confirms = Confirms()

    def publish(self, envelopes: Sequence[Envelope], *, seconds: float) -> Sent:
        """Publish as many as the broker takes in this time; any of the others may be published, too."""
        sent = Sent()
        deadline = time.monotonic() + seconds
        try:
            returned = self._publish(envelopes, deadline, sent)
            if returned:
                self.close()  # opened again, all is declared again: a queue that was lost is there then
                for each in self._publish(returned, deadline, sent):
                    sent.refused.append((each, f"No queue takes it by {each.routing_key!r}."))
        except self._errors() as error:
            sent.problem = f"{type(error).__name__}: {error}"
        if sent.problem:
            self.close()
        return sent

    def check(self) -> None:
        """Connect where there is no connection.

        Raises:
            TargetUnavailableError: the broker is away.
        """
        try:
            self._open()
        except self._errors() as error:
            self.close()
            raise TargetUnavailableError(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Leave; whatever state the connection is in."""
        leaving, self._connection, self._producer = self._connection, None, None
        if leaving is not None:
            with suppress(Exception):  # it may be broken already, which is why one leaves
                leaving.release()

    def _publish(self, envelopes: Sequence[Envelope], deadline: float, sent: Sent) -> list[Envelope]:
        """Piece by piece; returns those that reached no queue."""
        producer = self._open()
        returned: list[Envelope] = []
        for start in range(0, len(envelopes), PIECE):
            if sent.problem or (start and time.monotonic() > deadline):
                sent.problem = sent.problem or "It did not take everything in time."
                break
            piece = envelopes[start : start + PIECE]
            if is_rabbitmq():
                returned += self._confirmed(producer, piece, deadline, sent)
            else:
                with producer.batch(max_size=PIECE):
                    for each in piece:
                        producer.publish(**each.arguments())
                sent.taken += piece
        return returned

    def _confirmed(
        self, producer: kombu.Producer, piece: Sequence[Envelope], deadline: float, sent: Sent
    ) -> list[Envelope]:
        confirms = self._confirms
        try:
            for each in piece:
                confirms.expect(each)  # before: publishing the next one reads the answer to this one
                try:
                    producer.publish(mandatory=True, **each.arguments())
                except UNWRITABLE as error:
                    confirms.withdraw()
                    sent.refused.append((each, f"RabbitMQ has no form for it: {error}"))
            while confirms.open and (left := deadline - time.monotonic()) > 0:
                with suppress(socket.timeout):
                    producer.connection.drain_events(timeout=left)
        finally:  # what was confirmed before a failure is confirmed
            taken, returned = confirms.harvest()
            sent.taken += taken
        late = "RabbitMQ did not confirm in time." if confirms.open else ""
        sent.problem = confirms.refusal or late
        return returned

    def _open(self) -> kombu.Producer:
        if self._producer is not None and self._address == settings.BROKER_URL:
            return self._producer
        self.close()
        self._connection, self._address = connection(), settings.BROKER_URL
        self._connection.ensure_connection(max_retries=1, interval_start=0.1)
        declare(self._connection)
        channel = self._connection.channel()
        if is_rabbitmq():
            self._confirms = Confirms()
            channel.events["basic_ack"].add(self._confirms.on_ack)
            channel.events["basic_nack"].add(self._confirms.on_nack)
            channel.events["basic_return"].add(self._confirms.on_return)
            channel.confirm_select()
        self._producer = kombu.Producer(channel, auto_declare=False)
        return self._producer

    def _errors(self) -> tuple[type[Exception], ...]:
        return errors(self._connection or connection())
