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

START_SECONDS = 300
STOP_SECONDS = 60


class Command(BaseCommand):
    help = "Start the demo in a folder of its own, ask every page and command once, stop it again."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--inside", metavar="URL", help="ask a demo that already runs on this stack")

    def handle(self, *args: object, **options: Any) -> None:
        if options["inside"]:
            self._ask(options["inside"])
            return
        folder = Path(tempfile.mkdtemp(prefix="mlplatform-smoke-"))
        try:
            self._run(folder)
        finally:
            lifecycle.stop(folder / "stack")
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, folder: Path) -> None:
        port = web.free_port()
        environment = {
            **os.environ,
            "STACK_DIR": str(folder / "stack"),
            "ARTIFACT_ROOT": str(folder / "artifacts"),
        }
        command = [sys.executable, "manage.py"]
        began = time.monotonic()
        words = [*command, "demo", "--port", str(port)]
        demo = subprocess.Popen(words, cwd=smoke.PROJECT, env=environment, stdout=subprocess.DEVNULL)
        try:
            url = f"http://{web.HOST}:{port}"
            _wait(url, demo)
            self.stderr.write(f"The demo answers after {time.monotonic() - began:.0f} s")
            asked = subprocess.run(
                [*command, "smoke", "--inside", url], cwd=smoke.PROJECT, env=environment, check=False
            )
        finally:
            _stop(demo)
        left = [each.title for each in lifecycle.status(folder / "stack") if each.pid]
        if left:
            raise CommandError(f"Still running after the stop: {', '.join(left)}")
        if asked.returncode or demo.returncode:
            raise CommandError(f"Checks exited with {asked.returncode}, the demo with {demo.returncode}.")

    def _ask(self, url: str) -> None:
        kept = json.loads((endpoints.stack_dir() / "secrets.json").read_text())
        found = []
        for check in smoke.checks(url, ADMIN, kept["ADMIN_PASSWORD"]):
            found.append(check)
            self.stdout.write(f"{'FAIL' if check.trouble else 'ok  '} {check.name} {check.trouble}".rstrip())
        failed = sum(bool(check.trouble) for check in found)
        self.stdout.write(f"smoke: {len(found) - failed} passed, {failed} failed")
        if failed:
            raise CommandError(f"{failed} checks failed.")


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
