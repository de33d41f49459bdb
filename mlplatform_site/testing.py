"""``make test``: the suite on the real servers, with coverage and its floor.

The servers are those of the environment's URLs, else an embedded stack of the suite's own, so a
running demo is left in peace. Databases are the suite's own in either case.
"""

import os
import subprocess
import sys
from pathlib import Path

from mlplatform_site.stack import lifecycle

PROJECT = Path(__file__).resolve().parents[1]
STACK_DIR = PROJECT / ".stack" / "test"
WHOLE_SUITE = ["-n", "2", "--dist", "loadfile", "--cov", "--cov-report=term:skip-covered"]


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main(arguments: list[str]) -> int:
    """Start the servers, run pytest, stop what was started; pytest's exit status is the answer."""
    result = lifecycle.start(STACK_DIR, _say)
    sys.stderr.write(f"The test servers are ready ({result.seconds:.1f} s).\n")
    environment = {**os.environ, **result.urls, "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    try:
        command = [sys.executable, "-m", "pytest", *(arguments or WHOLE_SUITE)]
        return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 130
    finally:
        if result.started:
            lifecycle.stop(STACK_DIR)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
