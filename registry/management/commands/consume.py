"""``manage.py consume``: take events, alerts and dead letters, many at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from registry.management.stopping import stop_when_told
from registry.management.telling import tell
from registry.messaging.consuming import consume, queues_consumed
from registry.messaging.fanout import start_listening


class Command(BaseCommand):
    help = (
        "Take messages of the queues that have consumers until told to stop; any number may run side by side."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        names = [name.value for name in queues_consumed()]
        parser.add_argument("--queue", action="append", choices=names, help="only this one (repeatable)")

    def handle(self, *args: object, **options: Any) -> None:
        stop = stop_when_told()
        chosen = [name for name in queues_consumed() if name in (options["queue"] or queues_consumed())]
        tell(self, f"Consuming {', '.join(chosen)}; Ctrl-C ends it.")
        start_listening(stop)
        consume(stop, chosen)
        tell(self, "The consumer has ended.")
