"""One round: load and faults together, then quiescence, then the checker."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from .arenas import Arena
from .checker import Findings, check, explain
from .clients import Load, Workload
from .nemesis import Nemesis, schedule


@dataclass(frozen=True)
class Strength:
    """How often each victim is killed and paused."""

    kills: int
    pauses: int


@dataclass(frozen=True)
class Result:
    """What one round came to."""

    protocol: str
    seed: int
    runs: int
    registered: int
    operations: int
    acknowledged: int
    attempts: int
    blows: int
    findings: Findings
    cached: int
    p50_ms: float
    p99_ms: float
    settled_seconds: float
    seconds: float
    examples: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def play(arena: Arena, load: Load, strength: Strength, progress: Callable[[int], None]) -> Result:
    began = time.monotonic()
    victims = arena.open()
    try:
        workload = Workload(load, arena.url, arena.token)
        workload.prepare()
        blows = schedule(load.seed, load.seconds, kills=strength.kills, pauses=strength.pauses)
        nemesis = Nemesis(victims, blows)
        nemesis.start()
        workload.run(progress)
        nemesis.finish()
        ledger = workload.ledger
        settled = arena.settle(ledger)
        found = arena.read(ledger)
    finally:
        arena.close()
    times = sorted(ledger.seconds) or [0.0]
    return Result(
        protocol=arena.name,
        seed=load.seed,
        runs=load.runs,
        registered=len(ledger.registered),
        operations=ledger.operations,
        acknowledged=ledger.acknowledged,
        attempts=ledger.attempts,
        blows=sum(blow.act != "resume" for blow in nemesis.struck),
        findings=check(ledger, found),
        cached=found.cached,
        p50_ms=round(times[len(times) // 2] * 1_000, 1),
        p99_ms=round(times[int(len(times) * 0.99)] * 1_000, 1),
        settled_seconds=round(settled, 2),
        seconds=round(time.monotonic() - began, 1),
        examples=explain(ledger, found),
    )
