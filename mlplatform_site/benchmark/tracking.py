"""The whole benchmark of the tracking API: start, fill, drive in rounds, report."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.benchmarks.environment import conditions
from analysis.benchmarks.tracking import report as reports
from analysis.benchmarks.tracking.alone import alone_ms
from analysis.benchmarks.tracking.cases import RAW, Case, cases, great_cases, warm_up_case
from analysis.benchmarks.tracking.driving import Drivers
from analysis.benchmarks.tracking.results import CaseResult, case_result
from analysis.benchmarks.tracking.running import fill_all, run_rounds, warm_up
from analysis.benchmarks.tracking.servers import BEST, BEST_WITH_JOBS, OURS, ServerAddress
from analysis.benchmarks.tracking.statements import Meter
from analysis.benchmarks.tracking.workload import GREAT_SIZE
from mlplatform_site.demo.preparation import prepare

from .mlflow_server import mlflow_version
from .session import Session, memory

Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What to measure."""

    servers: Sequence[str]
    only: str
    is_quick: bool
    rounds: int
    mlflow_python: Path
    out: Path | None


def run(options: Options, *, report: Say) -> reports.Report:
    """Run everything on the stack of this process's environment.

    Raises:
        WrongAnswerError: a filled run is not what it should be.
        ChildError: a server did not start.
    """
    token = prepare(report, is_seeded=False).token
    session = Session(mlflow_python=options.mlflow_python, token=token, report=report)
    copies = session.make_databases()
    found = conditions() | {"mlflow": mlflow_version(options.mlflow_python), "rounds": options.rounds}
    chosen = [case for case in cases(is_quick=options.is_quick) if options.only in case.title]
    meter = Meter(session.beside("postgres"))
    drivers = Drivers(options.mlflow_python, meter)
    with session.servers(options.servers) as servers:
        results = _measure(chosen, servers, drivers, options, report)
        used = memory(servers)
    if BEST in options.servers and not options.only:
        with session.servers([BEST_WITH_JOBS]) as servers:
            for case in chosen[:2]:
                drivers.take_turn(case, servers[0])
            used |= memory(servers)
    if OURS in options.servers:
        plain = [case for case in chosen if case.way == RAW and case.clients == 1]
        alone = _alone(session, plain, copies, drivers, report)
        results = [dataclasses.replace(each, alone_ms=alone.get(each.title)) for each in results]
    started = {} if options.only else _started(session, options)
    meter.close()
    whole = reports.Report(found, results, used, started)
    if options.out is not None:
        reports.write(whole, options.out)
    return whole


def _measure(
    chosen: Sequence[Case],
    servers: Sequence[ServerAddress],
    drivers: Drivers,
    options: Options,
    report: Say,
) -> list[CaseResult]:
    warm_up(warm_up_case(), servers, drivers, report=report)
    fill_all(servers, sorted({case.size for case in chosen if case.size}), report=report)
    rounds = run_rounds(chosen, servers, drivers, rounds=options.rounds, report=report)
    results = [case_result(case, turns) for case, turns in rounds]
    ours = [server for server in servers if server.name == OURS]
    great = [case for case in great_cases(is_quick=options.is_quick) if options.only in case.title]
    if ours and great and not (options.is_quick and not options.only):
        fill_all(ours, [GREAT_SIZE], report=report)
        rounds = run_rounds(great, ours, drivers, rounds=options.rounds, report=report)
        results += [case_result(case, turns) for case, turns in rounds]
    return results


def _alone(
    session: Session, plain: Sequence[Case], copies: tuple[str, str], drivers: Drivers, report: Say
) -> Mapping[str, float]:
    """What PostgreSQL alone takes: writes in a copy of the empty record, reads in the filled one."""
    found: dict[str, float] = {}
    small = [case for case in plain if not case.size]
    great = [case for case in plain if case.size]
    for part, database, copy in ((small, *copies), (great, session.database, session.database)):
        if part:
            with session.recorded(database) as (server, recorder):
                found |= alone_ms(
                    part, server, recorder, drivers, replayed=copy, only_labelled=part is great, report=report
                )
    return found


def _started(session: Session, options: Options) -> dict[str, list[float]]:
    return session.start_seconds(options.servers, rounds=options.rounds)
