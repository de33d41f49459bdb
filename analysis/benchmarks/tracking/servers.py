"""The servers that are driven, as far as a driver must know them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from . import processes

DEFAULT, BEST, OURS = "mlflow default", "mlflow best", "ours"
BEST_WITH_JOBS = "mlflow best with its job runner"


@dataclass(frozen=True)
class ServerAddress:
    """Where a server listens, how it lets us in, and the PostgreSQL database it keeps its record in.

    ``roots``: process ids of what was started for it, by title; their children belong to it, too.
    """

    name: str
    url: str
    database: str
    token: str = ""
    roots: tuple[tuple[str, int], ...] = ()

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    @property
    def pids(self) -> list[int]:
        """All of its processes, parents first."""
        return [pid for _, root in self.roots for pid in processes.tree(root)]


@contextmanager
def turn_of(server: ServerAddress, servers: Sequence[ServerAddress]) -> Iterator[None]:
    """Halt every other server meanwhile: an idle ``mlflow server`` keeps a quarter of a core busy."""
    halted = [other for other in servers if other != server]
    for other in halted:
        processes.halt(other.pids)
    try:
        yield
    finally:
        for other in halted:
            processes.go_on(other.pids)
