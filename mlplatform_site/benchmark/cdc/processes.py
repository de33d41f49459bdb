"""``manage.py`` commands beside the measurement, and their memory."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlplatform_site.benchmark.private import PROJECT

END_SECONDS = 40


@contextmanager
def running(*words: str, log: Path) -> Iterator[int]:
    """A command that runs until the context ends; its process id. What it says goes to a file."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *words], cwd=PROJECT, stdout=file, stderr=file
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(END_SECONDS)


def memory_mb(pid: int) -> tuple[float, float]:
    """Resident memory of a process, now and at its highest, in MB of 2**20 bytes."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    now, most = (int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return round(now, 1), round(most, 1)
