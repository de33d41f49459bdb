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

    name: str
    title: str
    variables: tuple[str, ...]
    stop_signal: str

    def prepare(self, context: Context) -> list[str]:
        """Write configuration and data folder while the server is down; returns its command."""

    def probe(self, context: Context) -> None:
        """Finish the set-up of a started server; raises until it is ready for work."""

    def urls(self, context: Context) -> dict[str, str]:
        """Environment variable → URL."""
