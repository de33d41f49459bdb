"""The cases: what is asked, how often, by how many clients at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from . import client_cases, raw_reads, raw_writes
from .api import Api
from .jobs import Job
from .workload import GREAT_SIZE, SIZES

RAW, CLIENT = "raw", "client"
QUICK_SHARE = 0.2
Preparation = Callable[[Api, int, int], Job]


@dataclass(frozen=True)
class Case:
    """One figure: ``count`` requests of each of ``clients`` clients a round, each worth ``units``.

    ``size``: among how many runs, filled beforehand; 0 for none.
    """

    name: str
    way: str
    clients: int
    count: int
    prepare: Preparation
    units: int
    unit: str
    size: int

    @property
    def title(self) -> str:
        """Its name with way and clients."""
        return f"{self.name}, {self.way}, {self.clients} client{'s' if self.clients > 1 else ''}"


class _Kind(NamedTuple):
    name: str
    raw: Preparation
    client: Preparation
    counts: tuple[int, int]  # raw, client: requests of one client a round
    units: int = 1
    unit: str = "requests"
    size: int = 0
    clients: tuple[int, ...] = (1, 4)


CREATE, METRIC, GET, HISTORY = "create run", "log metric", "get run", "history of 10,000"
BATCH_1, BATCH_10 = "log batch of 1,000, 1 key", "log batch of 1,000, 10 keys"
TRAINING, PAGING = "training run of 400 metrics", "paging through 20,000"
UPLOAD, DOWNLOAD = "upload of 20 MB", "download of 20 MB"


def search_name(size: int) -> str:
    """The name of the search among so many runs."""
    return f"search among {size:,}"


def _kinds() -> Iterator[_Kind]:
    yield _Kind(CREATE, raw_writes.create_run, client_cases.create_run, (100, 50))
    yield _Kind(METRIC, raw_writes.log_metric, client_cases.log_metric, (100, 50))
    for name, keys in ((BATCH_1, 1), (BATCH_10, 10)):
        raw, client = (partial(each.log_batch, keys=keys) for each in (raw_writes, client_cases))
        yield _Kind(name, raw, client, (10, 5), raw_writes.BATCH, "metrics")
    yield _Kind(GET, raw_reads.get_run, client_cases.get_run, (100, 50))
    yield _Kind(HISTORY, raw_reads.history, client_cases.history, (8, 4))
    for size in SIZES:
        yield _search(size)
    raw, client = (partial(each.paging, size=SIZES[-1]) for each in (raw_reads, client_cases))
    yield _Kind(PAGING, raw, client, (1, 1), size=SIZES[-1], clients=(1,))
    yield _Kind(UPLOAD, raw_writes.upload, client_cases.upload, (4, 2), 20, "MB")
    yield _Kind(DOWNLOAD, raw_reads.download, client_cases.download, (4, 2), 20, "MB")


def _search(size: int) -> _Kind:
    raw, client = (partial(each.search, size=size) for each in (raw_reads, client_cases))
    return _Kind(search_name(size), raw, client, (60, 20), size=size)


def cases(*, is_quick: bool) -> list[Case]:
    """What every server is asked: raw and by the client, by one client and by four."""
    raw = [
        _case(kind, RAW, clients, is_quick=is_quick)
        for clients in (1, 4)
        for kind in _kinds()
        if clients in kind.clients
    ]
    training = _Kind(TRAINING, client_cases.train, client_cases.train, (0, 3))
    client = [_case(kind, CLIENT, 1, is_quick=is_quick) for kind in (*_kinds(), training)]
    client += [
        _case(kind, CLIENT, 4, is_quick=is_quick)
        for kind in (*_kinds(), training)
        if kind.name in (CREATE, METRIC, TRAINING)
    ]
    return raw + client


def warm_up_case() -> Case:
    """What is asked before the clock runs."""
    return next(case for case in cases(is_quick=True) if (case.name, case.clients) == (CREATE, 4))


def great_cases(*, is_quick: bool) -> list[Case]:
    """What only ours is asked: among 200,000 runs."""
    return [_case(_search(GREAT_SIZE), RAW, clients, is_quick=is_quick) for clients in (1, 4)]


def _case(kind: _Kind, way: str, clients: int, *, is_quick: bool) -> Case:
    full = kind.counts[0 if way == RAW else 1]
    count = max(1, round(full * QUICK_SHARE)) if is_quick else full
    prepare = kind.raw if way == RAW else kind.client
    return Case(kind.name, way, clients, count, prepare, kind.units, kind.unit, kind.size)
