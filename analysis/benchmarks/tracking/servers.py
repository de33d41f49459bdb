"""The servers that are driven, as far as a driver must know them."""

from dataclasses import dataclass, field

DEFAULT, BEST, OURS = "mlflow default", "mlflow best", "ours"


@dataclass(frozen=True)
class ServerAddress:
    """Where a server listens, how it lets us in, and the PostgreSQL database it keeps its record in."""

    name: str
    url: str
    database: str
    token: str = ""
    pids: tuple[int, ...] = field(default=(), compare=False)

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}
