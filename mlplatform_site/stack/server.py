"""What every embedded server tells the supervisor and the starter."""

from dataclasses import dataclass
from typing import Protocol

from .layout import Layout


@dataclass(frozen=True)
class Context:
    """What a server is configured from."""

    where: Layout
    ports: dict[str, int]
    secrets: dict[str, str]


class Server(Protocol):
    """One embedded server."""

    @property
    def name(self) -> str:
        """Its short name: of its log and its data folder."""

    @property
    def title(self) -> str:
        """Its name for people."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that give its URL."""

    @property
    def stop_signal(self) -> str:
        """The signal that stops it cleanly."""

    def prepare(self, context: Context) -> list[str]:
        """Write configuration and data folder while the server is down; returns its command."""

    def probe(self, context: Context) -> None:
        """Finish the set-up of a started server; raises until it is ready for work."""

    def urls(self, context: Context) -> dict[str, str]:
        """Environment variable → URL."""
