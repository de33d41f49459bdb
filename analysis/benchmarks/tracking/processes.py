"""Process trees by ``/proc``: memory, processor time, halting."""

import os
import signal
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """A process and all below it, parents first."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))):
            children[int(fields[1])].append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop(0)
        found.append(pid)
        waiting += sorted(children[pid])
    return found


def memory_mb(pids: Iterable[int]) -> dict[str, float]:
    """``pss`` (shared pages divided among those who share them) and ``rss``, summed up, in MB."""
    sums = {"pss": 0.0, "rss": 0.0}
    for pid in pids:
        with suppress(OSError):
            for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name.lower() in sums:
                    sums[name.lower()] += int(rest.split()[0]) / 1_024
    return sums


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time that these have used."""
    found = (_fields(pid) for pid in pids)
    return sum(int(fields[11]) + int(fields[12]) for fields in found if fields) / TICKS


def halt(pids: Sequence[int]) -> None:
    """Halt them, parents first: no supervisor sees its children halted."""
    _signal(pids, signal.SIGSTOP)


def go_on(pids: Sequence[int]) -> None:
    """Let them go on, children first."""
    _signal(list(reversed(pids)), signal.SIGCONT)


def end(pids: Sequence[int]) -> None:
    """End what is left of them."""
    _signal(pids, signal.SIGKILL)


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _fields(pid: int) -> list[str]:
    """The fields of ``/proc/<pid>/stat`` from the state on; empty where the process is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
