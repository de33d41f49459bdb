"""``python -m tests.chaos`` (``make chaos``): the long form, ours beside the dual write, with a table."""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tests.private_stack import PROJECT, PrivateStack

from . import report, servers
from .arenas import Arena, NaiveArena
from .clients import Load
from .naive import VARIANTS
from .platform_arena import PlatformArena
from .rounds import Result, Strength, play

STRENGTH = Strength(kills=3, pauses=2)
FOLDER = PROJECT / ".stack" / "chaos"


def main() -> int:
    wanted = _arguments()
    console = Console(stderr=True)
    stack = PrivateStack(FOLDER)
    servers.end(stack)
    console.print("Starting servers of our own")
    stack.start()
    try:
        results = _play_all(stack, wanted, console)
    finally:
        servers.end(stack)
    report.show(results, Console(width=190))
    report.write(results, wanted.json)
    console.print(f"The same as JSON: {wanted.json}")
    faults = report.faults(results)
    for fault in faults:
        console.print(f"[red]{fault}[/red]")
    return 1 if faults else 0


def _play_all(stack: PrivateStack, wanted: argparse.Namespace, console: Console) -> list[Result]:
    arenas: list[Arena] = [NaiveArena(stack, each) for each in VARIANTS if each in wanted.protocols]
    if report.PLATFORM in wanted.protocols:
        arenas.insert(0, PlatformArena(stack))
    results = []
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        for seed in wanted.seeds:
            for arena in arenas:
                task = progress.add_task(f"{arena.name}, seed {seed}", total=wanted.runs)
                load = Load(seed=seed, runs=wanted.runs, seconds=wanted.seconds)
                results.append(
                    play(arena, load, STRENGTH, lambda done, task=task: progress.update(task, completed=done))
                )
    return results


def _arguments() -> argparse.Namespace:
    protocols = [report.PLATFORM, *VARIANTS]
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=40.0, help="the faults are spread over this time")
    parser.add_argument("--protocols", nargs="+", choices=protocols, default=protocols)
    parser.add_argument("--json", type=Path, default=PROJECT / ".stack" / "chaos.json")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
