"""A process with Django loaded that forks a child for each operation: a death costs milliseconds.

Orders come as JSON lines on standard input, one answer a line goes back: ``status`` as ``Popen``
gives it (-9 for a child that killed itself), the operation's ``value`` or ``error``, and where it was
to die nowhere, how often it passed each crash point.
"""

import importlib
import json
import os
import subprocess
import sys
import traceback
from collections import Counter, defaultdict
from typing import Any, Self

from tests.private_stack import PROJECT, PrivateStack

from .children import NOT_INHERITED


class Zygote:
    """The harness's side."""

    def __init__(self, stack: PrivateStack, **extra: str) -> None:
        """``extra`` is environment, such as the URL of a store behind a proxy."""
        # by operation: how often it passed each crash point, at most
        self.passed: dict[str, Counter[str]] = defaultdict(Counter)
        self.undisturbed: set[str] = set()  # operations of which that is known
        environment = {name: text for name, text in stack.environment().items() if name not in NOT_INHERITED}
        self._log = (stack.folder / "log" / "zygote.log").open("ab")
        self._process = subprocess.Popen(
            stack.python("-m", "tests.chaos.zygote"), cwd=PROJECT, text=True,
            env={**environment, **extra, "DJANGO_SETTINGS_MODULE": "mlplatform_site.settings"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._log.close()

    def do(self, operation: str, *, crash_at: str = "", **arguments: Any) -> tuple[bool, Any]:
        """Whether the operation lived to its end, and its value.

        Raises:
            AssertionError: it failed in another way than by its death.
        """
        answer = self.attempt(operation, crash_at=crash_at, **arguments)
        assert answer["status"] in (0, -9), f"{operation} {arguments}: {answer}"
        return answer["status"] == 0, answer.get("value")

    def attempt(self, operation: str, *, crash_at: str = "", **arguments: Any) -> dict[str, Any]:
        """The answer, whatever it is."""
        order = {"operation": operation, "arguments": arguments, "crash_at": crash_at}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        self.passed[operation] |= Counter(answer.get("passed", {}))
        return answer


class Passed(str):
    """The name of no crash point, which counts those that are compared with it."""

    __slots__ = ("counts",)
    __hash__ = str.__hash__

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def __ne__(self, name: object) -> bool:
        self.counts[str(name)] += 1
        return True


def serve() -> None:
    import django  # noqa: PLC0415 (only the zygote itself sets Django up)

    django.setup()
    from . import operations  # noqa: PLC0415

    for line in sys.stdin:
        answer = _in_a_child(operations.OPERATIONS, json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _in_a_child(operations: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read_end)
        status, answer = _obey(operations, order)
        os.write(write_end, json.dumps(answer).encode())
        os._exit(status)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        text = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {"status": status, **(json.loads(text) if text else {})}


def _obey(operations: dict[str, Any], order: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    from registry import crash_points  # noqa: PLC0415
    from registry.documents import connection  # noqa: PLC0415

    os.environ[crash_points.VARIABLE] = order["crash_at"]
    importlib.reload(crash_points)  # in place: who imported its function sees the new wish
    passed = Passed()
    if not order["crash_at"]:
        crash_points._wanted = passed
    connection.register()  # a client must not be shared across a fork
    try:
        value = operations[order["operation"]](**order["arguments"])
    except Exception:  # noqa: BLE001 (told to the test)
        return 1, {"error": traceback.format_exc()}
    return 0, {"value": value, "passed": passed.counts}


if __name__ == "__main__":
    serve()
