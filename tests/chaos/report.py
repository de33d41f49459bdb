"""The table at the end, the same as JSON, and the verdict."""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .rounds import Result

COLUMNS = (
    ("lost", "lost"), ("only PG", "only_postgres"), ("only Mongo", "only_mongodb"), ("twice", "duplicated"),
    ("diverged", "diverged"), ("upd. lost", "updates_lost"), ("notes lost", "notes_lost"),
    ("notes twice", "notes_twice"), ("owed", "owed"), ("parked", "parked"), ("stale", "stale"), ("board", "leaderboard"),
)  # fmt: skip
PLATFORM = "outbox"


def table(results: list[Result]) -> Table:
    drawn = Table(title="Chaos: what is wrong after quiescence (runs, updates, notes)", title_justify="left")
    for name in ("protocol", "seed", "blows", "tried", "acked"):
        is_name = name == "protocol"
        drawn.add_column(name, justify="left" if is_name else "right", no_wrap=True)
    for title, _ in COLUMNS:
        drawn.add_column(title, justify="right", min_width=len(title.split()[-1]))
    for name in ("p50 ms", "p99 ms", "settle s"):
        drawn.add_column(name, justify="right")
    for each in results:
        wrong = [str(getattr(each.findings, name)) for _, name in COLUMNS]
        style = "red" if each.findings.total else "green"
        numbers = [
            each.seed,
            each.blows,
            f"{each.runs}/{each.operations}",
            f"{each.registered}/{each.acknowledged}",
        ]
        times = [each.p50_ms, each.p99_ms, each.settled_seconds]
        drawn.add_row(each.protocol, *map(str, numbers), *wrong, *map(str, times), style=style)
    return drawn


def show(results: list[Result], console: Console) -> None:
    console.print(table(results))
    console.print("tried and acked: registrations/all operations; see docs/testing.md for the other columns.")
    for each in results:
        if each.protocol == PLATFORM:
            for line in each.examples:
                console.print(f"[red]{each.protocol} seed {each.seed}[/red] {line}", soft_wrap=True)


def write(results: list[Result], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([each.as_json() for each in results], indent=1, default=str) + "\n")


def faults(results: list[Result]) -> list[str]:
    """Why the whole thing failed: ours lost something, or a naive protocol lost nothing in all its rounds."""
    found = [f"{each.protocol}, seed {each.seed}: {each.findings}" for each in results if _is_bad(each)]
    for name in {each.protocol for each in results} - {PLATFORM}:
        if not sum(each.findings.total for each in results if each.protocol == name):
            found += [f"{name} lost nothing: the suite can't tell good from bad."]
    return found


def _is_bad(result: Result) -> bool:
    is_complete = result.acknowledged == result.operations and not result.examples
    return result.protocol == PLATFORM and (result.findings.total > 0 or not is_complete)
