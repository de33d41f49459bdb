"""``make test``: the suite on the real servers, with coverage and its floor, without ``make faults``.

The servers are those of the environment's URLs, else an embedded stack of the run's own, so a
running demo and another run of the suite are left in peace. Databases are the suite's own either way.
"""

import atexit
import fcntl
import os
import subprocess
import sys
from pathlib import Path

from mlplatform_site.stack import lifecycle

PROJECT = Path(__file__).resolve().parents[1]
STACKS = PROJECT / ".stack"
URLS = [name for server in lifecycle.SERVERS for name in server.variables]
WHOLE_SUITE = [
    # Three on two cores: many tests wait for servers. In the order of tests/conftest.py: long files first.
    *("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", "-m", "not fault"),
    *("--cov", "--cov-report=term:skip-covered"),
]


def ensure_servers() -> None:
    """Put the URLs of running servers into the environment; what is started here ends with the process.

    Does nothing where the environment gives every URL, as it does inside ``make test``.
    """
    if all(os.environ.get(name) for name in URLS):
        return
    folder = _own_folder()
    # Also a stack that a killed run left behind: the folder is ours, so nobody else uses it.
    atexit.register(lifecycle.stop, folder)
    result = lifecycle.start(folder, _say)
    os.environ.update(result.urls)
    _say(f"The test servers are ready ({result.seconds:.1f} s).")


def _own_folder() -> Path:
    """The first of ``.stack/test``, ``.stack/test-2``, … that no living run holds."""
    number = 1
    while not _take(folder := STACKS / ("test" if number == 1 else f"test-{number}")):
        number += 1
    return folder


def _take(folder: Path) -> bool:
    """Hold a folder until this process ends: the descriptor is never closed, and no child inherits it."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "owner", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    return True


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main(arguments: list[str]) -> int:
    """Start the servers, run pytest, stop what was started; pytest's exit status is the answer."""
    ensure_servers()
    environment = {**os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    command = [sys.executable, "-m", "pytest", *(arguments or WHOLE_SUITE)]
    try:
        return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
