"""What can be said of a store's health, whichever store it is."""

from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """How a store stands."""

    OK = "ok"
    WARNING = "warning"
    DOWN = "down"


@dataclass(frozen=True)
class Problem:
    """A cause, and the command or change that mends it."""

    cause: str
    cure: str
    is_fatal: bool = True


@dataclass(frozen=True)
class StoreHealth:
    """One store at one moment.

    ``ping_ms`` is one round trip on an open connection; sizes are bytes; ``counts`` are rows,
    documents or keys by table, collection or database.
    """

    store: str
    title: str
    address: str
    ping_ms: float | None = None
    version: str = ""
    size_bytes: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def state(self) -> State:
        """Down where it can't be used, warning where something wants mending."""
        if any(problem.is_fatal for problem in self.problems):
            return State.DOWN
        return State.WARNING if self.problems else State.OK

    @property
    def is_up(self) -> bool:
        """Whether it can be used."""
        return self.state != State.DOWN


# The embedded servers, as the stack names them.
STACK_NAMES = {
    "PostgreSQL": "postgres",
    "MongoDB": "mongodb",
    "Redis (cache)": "redis-cache",
    "Redis (store)": "redis-store",
}
START = "Start it: manage.py stack start (embedded), docker compose up, or your own service."


def refused(title: str, address: str) -> Problem:
    """Nothing listens."""
    return Problem(f"{title} is not running: {address} refuses connections.", START)


def hanging(title: str, address: str, seconds: float) -> Problem:
    """Something listens and does not answer."""
    name = STACK_NAMES.get(title)
    restart = f"Restart it: manage.py stack stop {name} && manage.py stack start." if name else "Restart it."
    return Problem(
        f"{title} hangs: {address} accepts connections but did not answer within {seconds:g} s.",
        f"{restart} If it hangs again, look at its load, disk and log (manage.py stack logs).",
    )


def wrong_password(title: str, variable: str) -> Problem:
    """The server knows another password."""
    return Problem(
        f"{title} refused the user or password.",
        f"Mend the user and password in {variable}. For the embedded stack: unset {variable},"
        " then manage.py stack stop && manage.py stack start.",
    )


def nearly_full(title: str, where: str, free_bytes: int, *, is_fatal: bool) -> Problem:
    """The disk or memory runs out."""
    return Problem(
        f"{title} has {free_bytes / 1024**2:.0f} MB left in {where}.",
        "Free some space, or move the stack: STACK_DIR=/roomier/folder.",
        is_fatal=is_fatal,
    )


def unknown(title: str, error: Exception) -> Problem:
    """Anything else, in the driver's own words."""
    words = " ".join(str(error).split())[:300]
    return Problem(f"{title} failed: {words}", "See its log: manage.py stack logs.")
