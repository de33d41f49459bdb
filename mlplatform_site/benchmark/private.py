"""A benchmark runs again inside a stack of its own, which is thrown away."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

from django.core.management.base import CommandError

from mlplatform_site.stack import endpoints, lifecycle

PROJECT = Path(__file__).resolve().parents[2]


def stop_in_order() -> None:
    """End by SIGTERM as by Ctrl-C, so that what was started is stopped."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _as_interrupt)


def run_inside(prefix: str) -> None:
    """Run this command again, with ``--inside``, on a stack in a new folder; throw that away.

    Raises:
        CommandError: it failed; it said why.
    """
    parent = endpoints.stack_dir()
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    own = {name for server in lifecycle.SERVERS for name in server.variables}
    environment = {name: value for name, value in os.environ.items() if name not in own}
    for name in own:
        os.environ.pop(name, None)
    try:
        lifecycle.start(folder, say)
        environment |= {"STACK_DIR": str(folder), "ARTIFACT_ROOT": str(folder / "artifacts")}
        status = _wait(
            subprocess.Popen([sys.executable, *sys.argv, "--inside"], cwd=PROJECT, env=environment)
        )
    finally:
        lifecycle.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)
    if status:
        raise CommandError("The benchmark failed; the reason is above.")


def say(line: str) -> None:
    """Progress, for who watches."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _wait(inside: "subprocess.Popen[bytes]") -> int:
    """Its exit status; an interrupt is handed on, and what it started stopped by itself."""
    try:
        return inside.wait()
    except KeyboardInterrupt:
        inside.terminate()
        inside.wait()
        raise


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
