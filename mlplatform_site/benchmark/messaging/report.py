"""The figures of tasks as a table, as JSON, and as a page of the docs."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from .measuring import TaskFigures

HEAD = """\
# Tasks over the brokers

`manage.py benchmark_tasks --out docs/benchmarks`, on a stack of its own: one relay, one worker. *Promised*:
rows in PostgreSQL, 1,000 a transaction. *Published*: by the relay's own code, with RabbitMQ's confirms or
Redis's answers, and written down. *Done*: a task that does nothing, once each: counted, run and marked in
PostgreSQL, then acknowledged. *Latency*: one task at a time, from before the promise until it is seen done.

{conditions}

"""
COLUMNS = (
    "| broker | promised/s | published/s | done/s | latency p50 | latency p99 |\n|---|---|---|---|---|---|\n"
)


def as_text(figures: Sequence[TaskFigures]) -> str:
    """A table in Markdown."""
    return COLUMNS + "".join(
        f"| {each.broker} | {each.promised_per_second:,.0f} | {each.published_per_second:,.0f} |"
        f" {each.done_per_second:,.0f} | {each.p50_ms:.1f} ms | {each.p99_ms:.1f} ms |\n"
        for each in figures
    )


def as_json(figures: Sequence[TaskFigures], conditions: Mapping[str, Any]) -> bytes:
    """For programs."""
    body = {"conditions": conditions, "figures": [dataclasses.asdict(each) for each in figures]}
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write(figures: Sequence[TaskFigures], conditions: Mapping[str, Any], folder: Path) -> None:
    """``tasks.json`` and ``tasks.md``."""
    (folder / "tasks.json").write_bytes(as_json(figures, conditions))
    told = "; ".join(f"{name} {value}" for name, value in conditions.items()) + "."
    (folder / "tasks.md").write_text(HEAD.format(conditions=told) + as_text(figures))
