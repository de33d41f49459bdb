"""The cases: what is asked, how often, by how many clients at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypedDict, Unpack

from . import raw_reads, raw_writes
from .api import Api
from .jobs import Job
from .workload import GREAT_SIZE, SIZES

RAW, CLIENT = "raw", "client"
Preparation = Callable[[Api, int, int], Job]


class Units(TypedDict, total=False):
    """What a request counts for, and among how many runs it is asked."""

    units: int
    unit: str
    size: int


@dataclass(frozen=True)
class Case:
    """One figure: ``count`` requests of each of ``clients`` clients a round, each worth ``units``."""

    name: str
    way: str
    clients: int
    count: int
    prepare: Preparation
    units: int = 1
    unit: str = "requests"
    size: int = 0

    @property
    def title(self) -> str:
        """Its name with way and clients."""
        return f"{self.name}, {self.way}, {self.clients} client{'s' if self.clients > 1 else ''}"


def raw_cases(*, is_quick: bool) -> Iterator[Case]:
    """Raw kept-alive requests, by one client and by four."""
    share = 0.2 if is_quick else 1.0
    for clients in (1, 4):
        make = partial(_raw, clients, share)
        yield make("create run", 100, raw_writes.create_run)
        yield make("log metric", 100, raw_writes.log_metric)
        for keys in (1, 10):
            prepare = partial(raw_writes.log_batch, keys=keys)
            name = f"log batch of 1,000, {keys} key{'s' if keys > 1 else ''}"
            yield make(name, 10, prepare, units=raw_writes.BATCH, unit="metrics")
        yield make("get run", 100, raw_reads.get_run)
        yield make("history of 10,000", 10, raw_reads.history)
        for size in SIZES:
            yield make(f"search among {size:,}", 60, partial(raw_reads.search, size=size), size=size)
        yield make("upload of 20 MB", 3, raw_writes.upload, units=20, unit="MB")
        yield make("download of 20 MB", 3, raw_reads.download, units=20, unit="MB")
    size = SIZES[-1]
    yield _raw(1, 1.0, "paging through 20,000", 1, partial(raw_reads.paging, size=size), size=size)


def great_cases(*, is_quick: bool) -> Iterator[Case]:
    """What only ours is asked: among 200,000 runs."""
    share = 0.2 if is_quick else 1.0
    for clients in (1, 4):
        prepare = partial(raw_reads.search, size=GREAT_SIZE)
        yield _raw(clients, share, f"search among {GREAT_SIZE:,}", 60, prepare, size=GREAT_SIZE)


def _raw(
    clients: int, share: float, name: str, count: int, prepare: Preparation, **more: Unpack[Units]
) -> Case:
    return Case(name, RAW, clients, max(2, round(count * share)), prepare, **more)
