"""What the SPEC asks for: how many times better than ``mlflow server``, and in which figure."""

from dataclasses import dataclass

from .cases import (
    BATCH_1,
    BATCH_10,
    CLIENT,
    CREATE,
    GET,
    HISTORY,
    METRIC,
    PAGING,
    RAW,
    TRAINING,
    search_name,
)
from .servers import BEST, DEFAULT
from .workload import GREAT_SIZE, SIZES

RATE, P50, P95 = "rate", "p50", "p95"
MEMORY_FACTOR = 5.0
GROWTH_SIZES = (SIZES[-1], GREAT_SIZE)


@dataclass(frozen=True)
class Target:
    """One figure of a case against one of MLflow's settings: ours is to be ``factor`` times better."""

    case: str
    way: str
    clients: int
    against: str
    figure: str
    factor: float


def _targets() -> list[Target]:
    found = []
    for clients in (1, 4):
        found += [Target(case, RAW, clients, BEST, RATE, 3) for case in (CREATE, METRIC)]
        found += [Target(case, RAW, clients, BEST, RATE, 10) for case in (BATCH_1, BATCH_10)]
        found += [Target(GET, RAW, clients, BEST, P50, 4), Target(HISTORY, RAW, clients, BEST, P50, 10)]
    search = search_name(SIZES[-1])
    return [
        *found,
        Target(search, RAW, 1, BEST, P50, 6),
        Target(search, RAW, 1, BEST, P95, 15),
        Target(search, RAW, 4, BEST, RATE, 8),
        Target(PAGING, RAW, 1, BEST, P50, 10),
        *(Target(case, CLIENT, 1, DEFAULT, RATE, 8) for case in (CREATE, METRIC, TRAINING)),
    ]


TARGETS = _targets()
