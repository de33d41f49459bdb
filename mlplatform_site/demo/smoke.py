"""Asking a running site for everything once."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from django.core.management import get_commands

from .browser import Page, Visitor
from .routes import EXAMPLES, NEEDS_NO_LOGIN, NOT_ASKED, admin_paths, route_names

PROJECT = Path(__file__).resolve().parents[2]
OUR_APPS = ("mlplatform_site", "registry", "features", "analysis")
COMMAND_SECONDS = 300

# Every command of ours with the arguments it is asked with; one that is missing here fails the smoke test.
COMMANDS: dict[str, list[list[str]]] = {
    "doctor": [[], ["--json"]],
    "init_stores": [[]],
    "stack": [["status"], ["logs", "postgres", "-n", "3"]],
    "saga": [["list"]],
    "onboard_customers": [["--dry-run"], ["--limit", "3", "--no-wait"]],
    "onboardings": [["list"], ["list", "--state", "stuck", "--json"], ["retry", "--all"]],
    "seed_demo": [[]],
    "request_profiles": [["--customers", "3", "--speed", "max"]],
    "dead_letters": [["list"], ["list", "--json"], ["replay", "--all"], ["drop", "--all", "--dry-run"]],
    "relay_outbox": [["--once"], ["--retry-parked"]],
    "reconcile": [[], ["--deep", "--json"], ["--repair"]],
    "cdc": [["run", "--once"], ["status"], ["status", "--json"], ["reset"]],
    "dual_write": [["status", "run_notes"], ["status", "run_notes", "--json"]],
    "migrate_runs_to_mongo": [["--dry-run"], ["--json"], ["--verify-only"]],
    "demo_cutover": [["--notes", "90", "--runs", "3"]],
    "apply_features": [[], ["--plan"]],
    "compute_features": [["--as-of", "1998-06-30"], ["--view", "customer_rfm", "--as-of", "1998-03-31"]],
    "materialize": [[], ["--view", "customer_rfm", "--full"]],
    "score_customers": [["--as-of", "1998-07-01"], ["--dry-run", "--json"]],
    "activate_features": [["customer_rfm", "--version", "1"]],
    "top_runs": [[], ["--json"]],
    "framework_comparison": [[], ["--json"]],
    "dataset_stats": [[], ["--json"]],
    "find_models": [["--where", "metrics.accuracy>0.5", "--fields", "name,framework"], ["--json"]],
    "framework_metrics": [["--metric", "accuracy"], ["--runs", "--json"]],
    "search_experiments": [[], ["--runs", "--since", "2020-01-01", "--explain"]],
    "cache": [["stats"], ["stats", "--json"]],
    "benchmark": [["--here", "--quick", "--rounds", "1", "--only", "key_value_read"]],
    "benchmark_cache": [["--rounds", "20"]],
    "windows": [
        ["prepare"],
        ["show", "ecg", "--start", "3600", "--length", "3600"],
        ["warm", "digits-images", "--length", "10"],
        ["stats"],
    ],
    "replay_events": [["--speed", "max", "--until", "1997-01-03"], ["--dry-run"]],
    "archive": [
        ["metrics", "--before", "2020-01-01"],
        ["events", "--before", "2020-01-01", "--dry-run"],
        ["list"],
        ["tidy"],
    ],
    "choose_store": [["--shape", "rows", "--access", "joins", "key"], ["--shape", "graph", "--json"]],
    "write_analysis": [["--check"]],
    "leaderboard": [["show", "--dataset", "wine"], ["rebuild"], ["verify"]],
    "imports": [["list"], ["list", "--json"]],
    "import_mlflow": [["docs/examples/mlruns", "--dry-run", "--json"], ["docs/examples/mlruns"]],
    "import_sqlite": [["docs/examples/runs.db", "--discover"], ["docs/examples/runs.db"]],
    "import_runs_csv": [
        ["docs/examples/runs.csv", "--discover"],
        ["docs/examples/runs.csv", "--dry-run", "--json"],
        ["docs/examples/runs.csv"],
    ],
    "api_token": [["list"], ["list", "--user", "admin", "--json"]],
    "permission": [["list"], ["list", "--json"]],
    "benchmark_archive": [["--points", "20000", "--events", "500"]],
    "benchmark_metric_insert": [["--batches", "2", "--rounds", "1"]],
    "benchmark_registration": [["--rounds", "5", "--piled-up", "10"]],
    "benchmark_reconcile": [["--runs", "200"]],
    "benchmark_cdc": [["--rows", "200"]],
    "benchmark_tasks": [["--tasks", "100", "--latencies", "5"]],
    "benchmark_backfill": [["--runs", "200"]],
    "benchmark_pages": [["--runs", "2000", "--points", "500", "--rounds", "1", "--no-browser"]],
    "benchmark_admin": [["--runs", "2000", "--points", "2000", "--rounds", "1"]],
}
# What shows that files, stores and processes are this user's own: for a second run, as another user.
BRIEF = [["doctor"], ["stack", "status"], ["reconcile"], ["windows", "prepare"], ["relay_outbox", "--once"]]
NOT_RUN = {
    "benchmark_live": "starts a web server of its own, for minutes",
    "benchmark_features": "reads by Feast's SDK, from an environment of its own: make bench-features",
    "benchmark_tracking": "starts mlflow server, from an environment of its own: make bench-tracking",
    "consume": "runs until it is stopped; the demo that is asked has one",
    "demo": "is what runs",
    "import_hdf5": "asks for a file from outside; tests/features/services runs it",
    "export_runs": "writes a folder that must not be there yet; tests/registry/archives runs it",
    "purge": "has no way back",
    "smoke": "is what asks",
}


@dataclass(frozen=True)
class Check:
    """One question and its answer; ``trouble`` is empty where all is well."""

    name: str
    trouble: str = ""


def checks(url: str, username: str, password: str, *, is_brief: bool = False) -> Iterator[Check]:
    """Ask every page as a stranger and as the administrator, then run every command, or only ``BRIEF``."""
    yield from _every_route_is_known()
    yield from _pages_are_shut(Visitor(url))
    administrator = Visitor(url)
    answer = administrator.log_in(username, password)
    yield Check("log in", "" if answer.status == HTTPStatus.FOUND else f"status {answer.status}")
    administrator.identify(username, password)
    for path in _paths():
        yield _page(administrator.get(path), path)
    yield from map(_command, BRIEF) if is_brief else _every_command()


def _every_route_is_known() -> Iterator[Check]:
    known = EXAMPLES.keys() | NOT_ASKED.keys()
    for name in route_names():
        yield Check(
            f"route {name}", "" if name in known else "add an example to mlplatform_site/demo/routes.py"
        )


def _pages_are_shut(stranger: Visitor) -> Iterator[Check]:
    for name in sorted(EXAMPLES.keys() & set(route_names()) - NEEDS_NO_LOGIN):
        for path in EXAMPLES[name]()[:1]:
            page = stranger.get(path)
            shut = page.status in (HTTPStatus.FOUND, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
            yield Check(f"{path} without login", "" if shut else f"answers {page.status}")


def _paths() -> Iterator[str]:
    for name in sorted(EXAMPLES.keys() & set(route_names())):
        yield from EXAMPLES[name]()
    yield from admin_paths()


def _page(page: Page, path: str) -> Check:
    if page.status != HTTPStatus.OK:
        return Check(path, f"answers {page.status}: {page.body[:200]!r}")
    is_html = page.content_type.startswith("text/html")
    if is_html and ("</html>" not in page.body or "<title>" not in page.body):
        return Check(path, "is no whole page")
    return Check(path)


def unknown_commands() -> list[str]:
    """Commands of ours that the smoke test neither runs nor leaves out for a reason."""
    ours = sorted(name for name, app in get_commands().items() if app in OUR_APPS)
    return [name for name in ours if name not in COMMANDS and name not in NOT_RUN]


def _every_command() -> Iterator[Check]:
    for name in unknown_commands():
        yield Check(f"command {name}", "add its arguments to mlplatform_site/demo/smoke.py")
    for name, calls in sorted(COMMANDS.items()):
        for arguments in calls:
            yield _command([name, *arguments])


def _command(words: list[str]) -> Check:
    result = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    trouble = "" if result.returncode == 0 else f"exits with {result.returncode}: {result.stderr[-500:]}"
    return Check("manage.py " + " ".join(words), trouble)
