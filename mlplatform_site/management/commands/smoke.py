"""``manage.py smoke`` (``make smoke``): the demo on free ports, asked for everything once, stopped."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mlplatform_site.demo import smoke, web
from mlplatform_site.demo.browser import Visitor
from mlplatform_site.demo.preparation import ADMIN
from mlplatform_site.stack import endpoints, lifecycle
from mlplatform_site.stack.ports import HOST
from registry.management.telling import tell

START_SECONDS = 600
STOP_SECONDS = 60


class Command(BaseCommand):
    help = "Start the demo in a folder of its own, ask every page and command once, stop it again."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--inside", metavar="URL", help="ask a demo that already runs on this stack")
        parser.add_argument("--brief", action="store_true", help="every page, but a few commands only")

    def handle(self, *args: object, **options: Any) -> None:
        if options["inside"]:
            self._ask(options["inside"], is_brief=options["brief"])
            return
        folder = Path(tempfile.mkdtemp(prefix="mlplatform-smoke-"))
        try:
            summary = self._run(folder, ["--brief"] if options["brief"] else [])
        finally:
            lifecycle.stop(folder / "stack")
            shutil.rmtree(folder, ignore_errors=True)
        self.stdout.write(summary)

    def _run(self, folder: Path, asked: list[str]) -> str:
        """Start the demo, ask it, stop it; returns the summary line of a success."""
        port = web.free_port()
        environment = _environment(folder)
        command = [sys.executable, "manage.py"]
        began = time.monotonic()
        words = [*command, "demo", "--port", str(port)]
        demo = subprocess.Popen(words, cwd=smoke.PROJECT, env=environment, stdout=subprocess.DEVNULL)
        try:
            url = f"http://{HOST}:{port}"
            _wait(url, demo)
            tell(self, f"The demo answers after {time.monotonic() - began:.0f} s")
            status, summary = self._ask_inside([*command, "smoke", "--inside", url, *asked], environment)
        finally:
            _stop(demo)
        left = [each.title for each in lifecycle.status(folder / "stack") if each.pid]
        if left:
            raise CommandError(f"Still running after the stop: {', '.join(left)}")
        if status or demo.returncode:
            message = f"Checks exited with {status}, the demo with {demo.returncode}.\n{summary}"
            raise CommandError(message)
        return summary

    def _ask_inside(self, command: list[str], environment: dict[str, str]) -> tuple[int, str]:
        """The exit status of the checks, and their last line, kept back until all has stopped."""
        last = ""
        with subprocess.Popen(
            command, cwd=smoke.PROJECT, env=environment, stdout=subprocess.PIPE, text=True
        ) as asking:
            for line in asking.stdout or ():
                if last:
                    self.stdout.write(last)
                last = line.rstrip()
        return asking.returncode, last

    def _ask(self, url: str, *, is_brief: bool) -> None:
        kept = json.loads((endpoints.stack_dir() / "secrets.json").read_text())
        found = []
        for check in smoke.checks(url, ADMIN, kept["ADMIN_PASSWORD"], is_brief=is_brief):
            found.append(check)
            self.stdout.write(f"{'FAIL' if check.trouble else 'ok  '} {check.name} {check.trouble}".rstrip())
        failed = sum(bool(check.trouble) for check in found)
        self.stdout.write(f"smoke: {len(found) - failed} passed, {failed} failed")
        if failed:
            raise CommandError(f"{failed} checks failed.")


def _environment(folder: Path) -> dict[str, str]:
    """Stores of the smoke test's own, whatever servers the caller's environment names."""
    own = {name for server in lifecycle.SERVERS for name in server.variables}
    kept = {name: value for name, value in os.environ.items() if name not in own}
    return kept | {"STACK_DIR": str(folder / "stack"), "ARTIFACT_ROOT": str(folder / "artifacts")}


def _wait(url: str, demo: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and demo.poll() is None:
        try:
            if Visitor(url).get("/readyz").status == 200:  # noqa: PLR2004
                return
        except OSError:
            time.sleep(0.2)
    raise CommandError("The demo did not come up.")


def _stop(demo: "subprocess.Popen[bytes]") -> None:
    if demo.poll() is None:
        demo.send_signal(signal.SIGINT)
    try:
        demo.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        demo.kill()
        demo.wait()
