"""Rounds with and without watchers, on the real web server."""

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.test import Client

from analysis.benchmarks.environment import percentiles
from features import receivers
from mlplatform_site.demo.preparation import ADMIN
from registry import signals
from registry.acting import acting_as
from registry.services.experiments import create_experiment
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics as log_metrics_here
from registry.services.runs import end_run, start_run

from .driving import GRACE_SECONDS, Followed, Load, Logged, follow, log_metrics, seen_after

EXPERIMENT = "live"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Line:
    """One load with so many watchers on the run that is logged into.

    Attributes:
        per_second: Requests answered a second.
        p50_ms: Of a request; ``p95_ms``, ``p99_ms`` likewise.
        seen_p50_ms: From a request's answer until a watcher was told; ``seen_max_ms`` likewise.
        events: Sent to all watchers in a second.
        kilobytes: The same, in kB a second.
    """

    load: str
    watchers: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    seen_p50_ms: float | None
    seen_max_ms: float | None
    events: float
    kilobytes: float


@dataclass(frozen=True)
class Told:
    """Logging one metric from Python, microseconds, with and without the bells."""

    p50_us: float
    p50_without_us: float
    cpu_us: float
    cpu_without_us: float


def telling(*, rounds: int = 12, calls: int = 300) -> Told:
    """``log_metrics`` in this process, in turn with the receivers of the record's signals and without."""
    run_id = start_run(experiment=EXPERIMENT).run_id
    took: dict[bool, list[float]] = {True: [], False: []}
    cpu: dict[bool, list[float]] = {True: [], False: []}
    step = 0
    with acting_as(channel="api"):
        for is_told in [True, False] * rounds:
            if is_told:
                receivers.connect()
            else:
                signals.run_logged.disconnect(dispatch_uid="doorbell")
            began = time.process_time()
            for step in range(step, step + calls):  # noqa: B020 (goes on where it stopped)
                called = time.perf_counter()
                log_metrics_here(run_id=run_id, points=[MetricSample("loss", 0.5, step, step)])
                took[is_told].append((time.perf_counter() - called) * 1e6)
            cpu[is_told].append((time.process_time() - began) / calls * 1e6)
            step += 1
    receivers.connect()
    end_run(run_id=run_id)
    figures = [statistics.median(each[is_told]) for each in (took, cpu) for is_told in (True, False)]
    return Told(*(round(each, 1) for each in figures))


@dataclass
class _Round:
    logged: list[Logged] = field(default_factory=list)
    followed: list[Followed] = field(default_factory=list)


@dataclass(frozen=True)
class _Site:
    port: int
    token: str
    cookie: str


def measure(url: str, token: str, *, watchers: int, seconds: float, rounds: int, say: Say) -> Iterator[Line]:
    """Each load without and with watchers, in turn; the watchers follow the run that all clients log into."""
    create_experiment(name=EXPERIMENT)
    site = _Site(int(urlsplit(url).port or 80), token, session_cookie())
    for title, load in (
        ("200 a second", Load(4, 200, seconds)),
        ("4 clients, as fast as they can", Load(4, 0, seconds)),
    ):
        found = {0: _Round(), watchers: _Round()}
        for turn in range(rounds):
            for count, one in found.items():
                say(f"{title}, {count} watchers, round {turn + 1}")
                _one(one, site, count, load)
        for count, one in found.items():
            yield _line(title, count, one, seconds)


def _one(found: _Round, site: _Site, watchers: int, load: Load) -> None:
    run_id = start_run(experiment=EXPERIMENT).run_id
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        list(processes.map(abs, [1, 2]))  # both are there
        seconds = load.seconds + 2 * GRACE_SECONDS
        following = processes.submit(
            follow, site.port, site.cookie, f"/runs/{run_id}/live", watchers, seconds
        )
        time.sleep(GRACE_SECONDS)
        found.logged.append(processes.submit(log_metrics, site.port, site.token, run_id, load).result())
        found.followed.append(following.result())
    end_run(run_id=run_id)
    if found.followed[-1].open_at_the_end != watchers:
        raise RuntimeError("A stream broke.")


def _line(title: str, watchers: int, one: _Round, seconds: float) -> Line:
    took = [each * 1_000 for logged in one.logged for each in logged.took]
    delays = [
        each * 1_000
        for logged, followed in zip(one.logged, one.followed, strict=True)
        for each in seen_after(logged, followed)
    ]
    whole = seconds * len(one.logged)
    return Line(
        load=title,
        watchers=watchers,
        per_second=round(len(took) / whole, 1),
        **{f"{name}_ms": round(value, 2) for name, value in percentiles(took).items()},
        seen_p50_ms=round(statistics.median(delays)) if delays else None,
        seen_max_ms=round(max(delays)) if delays else None,
        events=round(sum(each.events for each in one.followed) / whole, 1),
        kilobytes=round(sum(each.received for each in one.followed) / whole / 1_000),
    )


def session_cookie() -> str:
    """The cookie of an administrator's session."""
    browser = Client()
    browser.force_login(User.objects.get(username=ADMIN))
    return str(browser.cookies.output(header="", attrs=[])).strip()
