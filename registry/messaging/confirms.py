"""What RabbitMQ says about the messages of a channel: taken, refused, or returned (no queue wants it)."""

from dataclasses import dataclass, field
from typing import Any

from .envelopes import Envelope


@dataclass
class Confirms:
    """The answers since the channel was opened; ``open`` are the messages that wait for theirs."""

    published: int = 0
    open: dict[int, Envelope] = field(default_factory=dict)
    taken: list[Envelope] = field(default_factory=list)
    returned: list[Envelope] = field(default_factory=list)
    refusal: str = ""
    _unroutable: set[tuple[str, str, str]] = field(default_factory=set)

    def expect(self, envelope: Envelope) -> None:
        """One more is about to be published."""
        self.published += 1
        self.open[self.published] = envelope

    def withdraw(self) -> None:
        """The last one was not sent after all."""
        self.open.pop(self.published)
        self.published -= 1

    def harvest(self) -> tuple[list[Envelope], list[Envelope]]:
        """What was taken and what was returned since the last time."""
        (taken, self.taken), (returned, self.returned) = (self.taken, []), (self.returned, [])
        return taken, returned

    def on_ack(self, tag: int, multiple: bool) -> None:  # noqa: FBT001 (py-amqp's)
        """It took one, or all up to it."""
        for envelope in self._answered(tag, multiple):
            way = (envelope.message_id, envelope.exchange, envelope.routing_key)
            (self.returned if way in self._unroutable else self.taken).append(envelope)
            self._unroutable.discard(way)

    def on_nack(self, tag: int, multiple: bool) -> None:  # noqa: FBT001
        """It refuses one, or all up to it."""
        self.refusal = f"RabbitMQ refused {len(self._answered(tag, multiple))} messages."

    def on_return(self, _error: Exception, exchange: str, routing_key: str, message: Any) -> None:
        """No queue wants it; told before its confirm."""
        self._unroutable.add((message.properties.get("message_id", ""), exchange, routing_key))

    def _answered(self, tag: int, multiple: bool) -> list[Envelope]:  # noqa: FBT001
        tags = [each for each in self.open if each <= tag] if multiple else [tag]
        return [self.open.pop(each) for each in tags if each in self.open]
