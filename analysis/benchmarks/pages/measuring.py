"""What pages cost on the server: each asked several times, with nothing cached and with everything."""

import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analysis.benchmarks.environment import percentiles
from features.caches import RUN_CURVES
from features.online import leases
from features.online.connection import cache
from features.online.local_memory import memory

from .weight import Weight, weight_of

WARM_UP = 3


@dataclass(frozen=True)
class Asked:
    """A page by the name that the report has for it."""

    page: str
    path: str
    has_curves: bool = False


@dataclass(frozen=True)
class PageCost:
    """One page in one state of the cache.

    Attributes:
        state: ``cold`` (its curves are drawn anew) or ``cached``; empty for pages without curves.
        p50_ms: On the server, by Django's test client, all middleware included.
        statements: In PostgreSQL.
        html_kb: Of the page itself, uncompressed; kB of 1,000 bytes.
        decoded_kb: With all that it links to.
        transferred_kb: The same on the wire, the first time.
    """

    page: str
    state: str
    p50_ms: float
    p95_ms: float
    statements: int
    html_kb: float
    decoded_kb: float
    transferred_kb: float
    requests: int


def reader() -> Client:
    """One who may read everything, with a session."""
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.create_superuser("page-reader"))
    return client


def measure_pages(client: Client, pages: Sequence[Asked], *, rounds: int) -> Iterator[PageCost]:
    """The cost of each page, those with curves in both states."""
    for asked in pages:
        for state in ("cold", "cached") if asked.has_curves else ("",):
            yield _measured(client, asked, state, rounds)


def _measured(client: Client, asked: Asked, state: str, rounds: int) -> PageCost:
    took, statements, html = [], 0, b""
    for turn in range(rounds + WARM_UP):
        if state == "cold":
            forget_curves()
        # Counting statements costs time, so it is done before time is taken.
        with CaptureQueriesContext(connection) if turn < WARM_UP else nullcontext() as captured:
            began = time.perf_counter()
            response = client.get(asked.path)
            seconds = time.perf_counter() - began
        if response.status_code != HTTPStatus.OK:
            raise RuntimeError(f"{asked.path} answers {response.status_code}.")
        if captured is None:
            took.append(seconds * 1_000)
        else:
            statements, html = len(captured), response.content
    return _cost(asked, state, took, statements, weight_of(html))


def _cost(asked: Asked, state: str, took: list[float], statements: int, weight: Weight) -> PageCost:
    share = percentiles(took)
    return PageCost(
        page=asked.page,
        state=state,
        p50_ms=round(share["p50"], 1),
        p95_ms=round(share["p95"], 1),
        statements=statements,
        html_kb=round(weight.html / 1_000, 1),
        decoded_kb=round(weight.decoded / 1_000, 1),
        transferred_kb=round(weight.transferred / 1_000, 1),
        requests=weight.requests,
    )


def forget_curves() -> None:
    """Drop the drawn curves from Redis, and everything from this process's memory."""
    memory.clear()
    leases.forget([key.decode() for key in cache().scan_iter(f"*{RUN_CURVES.name}:*", count=10_000)])
