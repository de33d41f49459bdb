"""``make test``: the suite on the real servers, with coverage and its floor; no faults, browsers, RabbitMQ.

The servers are those of the environment's URLs, else an embedded stack of the run's own, so a
running demo and another run of the suite are left in peace. Databases are the suite's own either way.
"""

import atexit
import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg2
from psycopg2 import sql

from mlplatform_site.stack import lifecycle

PROJECT = Path(__file__).resolve().parents[1]
STACKS = PROJECT / ".stack"
URLS = [name for server in lifecycle.SERVERS for name in server.variables]
TEMPLATE = "TEST_DATABASE_TEMPLATE"
TEMPLATE_LOCK = 0x74656D70  # "temp"
TESTS_FAILED = 1  # of pytest's exit codes: tests ran, some failed
MOST_ASKED_AGAIN = 5  # more of them are no accident
WHOLE_SUITE = [
    # Three on two cores: many tests wait for servers. In the order of tests/conftest.py: long files first.
    *("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"),
    *("-m", "not fault and not browser and not rabbit"),
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


def ensure_template() -> None:
    """Migrate one database for this state of the migrations; each worker's own begins as a copy of it.

    Kept for the next run. A run that dies halfway leaves nothing that is taken for a template.
    """
    url = os.environ["DATABASE_URL"]
    name = f"mlplatform_template_{_state_of_migrations()}_test"
    with contextlib.closing(psycopg2.connect(url)) as server, _autocommitting(server).cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^mlplatform_template_.*_test$'")
        if (name,) not in (found := cursor.fetchall()):
            for (older,) in found:
                cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(older)))
            _migrate(cursor, url, name)
    os.environ[TEMPLATE] = name


def _migrate(cursor: psycopg2.extensions.cursor, url: str, name: str) -> None:
    half = sql.Identifier("mlplatform_template_half_test")
    cursor.execute(sql.SQL("CREATE DATABASE {}").format(half))
    there = urlsplit(url)._replace(path="/mlplatform_template_half_test").geturl()
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=PROJECT, env={**os.environ, "DATABASE_URL": there}, check=True)
    cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(half, sql.Identifier(name)))


def _autocommitting(server: psycopg2.extensions.connection) -> psycopg2.extensions.connection:
    server.autocommit = True  # databases are made outside of transactions
    return server


def _state_of_migrations() -> str:
    read = [path.read_bytes() for path in sorted(PROJECT.glob("*/migrations/*.py"))]
    return hashlib.sha256(b"".join([django.__version__.encode(), *read])).hexdigest()[:12]


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main(arguments: list[str]) -> int:
    """Start the servers, run pytest, stop what was started; pytest's exit status is the answer."""
    ensure_servers()
    ensure_template()
    try:
        return _run_suite(arguments or WHOLE_SUITE)
    except KeyboardInterrupt:
        return 130


def _run_suite(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        failed = Path(folder) / "failed"
        status = _run_pytest(*arguments, f"--write-failed={failed}")
        if status == TESTS_FAILED and _is_parallel(arguments):
            return _ask_again(arguments, failed)
        return status


def _run_pytest(*arguments: str) -> int:
    environment = {**os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "tests.asked_again", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode


def _is_parallel(arguments: list[str]) -> bool:
    return "-n" in arguments and arguments[arguments.index("-n") + 1] not in ("0", "1")


def _ask_again(arguments: list[str], failed: Path) -> int:
    """Run tests that failed beside others once more, alone: what fails again is broken (decision 23)."""
    names = failed.read_text().splitlines()
    if not 0 < len(names) <= MOST_ASKED_AGAIN:
        return TESTS_FAILED
    _say(f"Failed beside others, asked again alone: {', '.join(names)}")
    status = _run_pytest(*arguments, "-n", "0", "--dist", "no", "--no-cov", f"--only-of={failed}")
    if status == 0:
        _say(f"Flaky, to be mended: {', '.join(names)} failed beside others and passed alone.")
        if "--cov" in arguments:
            floor = [sys.executable, "-m", "coverage", "report", "--format=total"]
            return subprocess.run(floor, cwd=PROJECT, check=False).returncode
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
