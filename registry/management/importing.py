"""What the commands that import have in common: their arguments, their progress, their report."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO, cast

import orjson
from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django.db import InterfaceError, OperationalError
from rich.console import Console
from rich.progress import Progress as Bar

from registry.acting import acting_as
from registry.exceptions import RegistryError
from registry.imports.changes import CHANGED
from registry.imports.records import NO_FAILURES, Progress, Source
from registry.imports.report import SHOWN, ImportReport, write_problems
from registry.imports.service import import_source
from registry.imports.terms import Terms
from registry.queries.users import user_named

AWAY = "PostgreSQL does not answer. What was written is whole; the same command goes on from there."


def add_import_arguments(parser: CommandParser) -> None:
    """Whose the import is, how strict, and where its report goes."""
    parser.add_argument(
        "--user", default="", help="who owns what is made; must be allowed to edit what is joined"
    )
    parser.add_argument(
        "--experiment-prefix", default="", metavar="TEXT", help="put before experiments' names"
    )
    parser.add_argument("--dry-run", action="store_true", help="examine everything, write nothing")
    parser.add_argument(
        "--strict", action="store_true", help="store nothing where the first pass finds a problem"
    )
    parser.add_argument("--report", type=Path, metavar="FILE.csv", help="write what was refused, and why")
    parser.add_argument("--json", action="store_true", help="the report for programs")


def run_import(source_of: Callable[[], Source], options: dict[str, Any], out: OutputWrapper) -> None:
    """Import a source and print its report.

    Raises:
        CommandError: something was refused, or differs; or the source can't be read.
    """
    try:
        if options["report"] is not None:
            _open(options["report"], "a").close()  # an import of hours doesn't end on a mistyped path
        user = user_named(options["user"]) if options["user"] else None
        terms = Terms(user, options["experiment_prefix"], options["strict"], options["dry_run"])
        with acting_as(user=user, channel="command"):
            report = _followed(source_of(), terms)
    except RegistryError as error:
        raise CommandError(str(error)) from error
    except (OperationalError, InterfaceError) as error:
        raise CommandError(f"{AWAY} ({str(error).strip().splitlines()[0]})") from error
    _tell(report, options, out)
    if not report.is_complete:
        raise CommandError(_what_to_do(report, options))


def _followed(source: Source, terms: Terms) -> ImportReport:
    with Bar(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}
        for step in import_source(source, terms=terms):
            if isinstance(step, ImportReport):
                return step
            _show(step, bar, tasks)
    raise AssertionError("An import ends with its report.")


def _show(step: Progress, bar: Bar, tasks: dict[str, Any]) -> None:
    if step.step not in tasks:
        tasks[step.step] = bar.add_task(step.step, total=None)
    bar.update(tasks[step.step], completed=step.done, total=step.total)


def _tell(report: ImportReport, options: dict[str, Any], out: OutputWrapper) -> None:
    if options["report"] is not None:
        with _open(options["report"], "w") as file:
            write_problems(report, file)
    if options["json"]:
        out.write(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2).decode())
        return
    for problem in report.problems[:SHOWN]:
        out.write(f"{problem.place}: {problem.cause} {problem.cure}")
    if (more := sum(report.refused.values()) - SHOWN) > 0:
        has = f"the first {len(report.problems):,} of all" if report.left_out else "them"
        out.write(f"… and {more:,} more; --report FILE.csv has {has}.")
    number = f"Import {report.import_id}: " if report.import_id else ""
    out.write(f"{number}{report.summary()}")


def _open(path: Path, mode: str) -> TextIO:
    try:
        return cast("TextIO", path.open(mode, encoding="utf-8", newline=""))
    except OSError as error:
        raise CommandError(f"{path} can't be written: {error.strerror}.") from error


def _what_to_do(report: ImportReport, options: dict[str, Any]) -> str:
    if "source" in report.refused:
        return "The source can't be imported; nothing was stored."
    if options["strict"] and not report.is_written:
        return "There are problems, and --strict was said; nothing was stored."
    if "verify" in report.refused:
        return f"{report.refused['verify']} runs are not as the source has them; the lines above say which."
    if options["strict"]:
        return "The first pass found no problem, the second one did; the rest is imported, --strict or not."
    if report.refused.keys() <= {*NO_FAILURES, CHANGED}:
        changed = report.refused[CHANGED]
        return f"{changed:,} runs changed in the source since they came, and are here as they were."
    rest = "without --dry-run the rest would be imported." if report.is_dry_run else "the rest is imported."
    return f"There are problems; {rest}"
