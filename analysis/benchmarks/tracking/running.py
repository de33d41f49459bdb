"""The rounds: every case against every server in turn, the order turned round each time."""

from collections.abc import Callable, Iterator, Sequence

from . import filling
from .api import Api, RefusedError
from .cases import Case
from .driving import Drivers, Turn
from .jobs import WrongAnswerError
from .raw_reads import experiment_of
from .servers import OURS, ServerAddress, turn_of

Report = Callable[[str], None]
Turns = dict[str, list[Turn]]
WARM_UPS = 3
FAILURES = (WrongAnswerError, RefusedError, OSError)


def run_rounds(
    cases: Sequence[Case], servers: Sequence[ServerAddress], drivers: Drivers, *, rounds: int, report: Report
) -> Iterator[tuple[Case, Turns]]:
    """Drive each case ``rounds`` times against each server in turn: A-B-C, then C-B-A.

    A server that does not do what it was asked has no figures in that case; ``report`` is told why, and
    its name stands in the turns with an empty list.
    """
    for case in cases:
        turns: Turns = {server.name: [] for server in servers}
        failed: set[str] = set()
        for number in range(rounds):
            for server in servers if number % 2 == 0 else reversed(servers):
                if server.name not in failed and (turn := _turn(case, server, servers, drivers, report)):
                    turns[server.name].append(turn)
                else:
                    failed.add(server.name)
        report(_line(case, turns))
        yield case, {name: [] if name in failed else each for name, each in turns.items()}


def warm_up(case: Case, servers: Sequence[ServerAddress], drivers: Drivers, *, report: Report) -> None:
    """Let every worker of every server answer before the clock runs: many load their code at first use."""
    for server in servers:
        for _ in range(WARM_UPS):
            _turn(case, server, servers, drivers, report)


def _turn(
    case: Case, server: ServerAddress, servers: Sequence[ServerAddress], drivers: Drivers, report: Report
) -> Turn | None:
    try:
        with turn_of(server, servers):
            return drivers.take_turn(case, server)
    except FAILURES as error:
        report(f"FAILED: {case.title}, {server.name}: {error}")
        return None


def fill_all(servers: Sequence[ServerAddress], sizes: Sequence[int], *, report: Report) -> None:
    """Fill each record with experiments of these sizes; what is there stays."""
    filled = set()
    for server in servers:
        if server.database in filled:
            continue
        filled.add(server.database)
        with turn_of(server, servers):
            for size in sizes:
                _fill(server, size, report)


def _fill(server: ServerAddress, size: int, report: Report) -> None:
    api = Api(server)
    try:
        experiment_of(api, size)
    except RefusedError:
        report(f"Filling {server.name} with {size:,} runs")
        filling.fill(api, database=server.database, size=size, is_ours=server.name == OURS)


def _line(case: Case, turns: Turns) -> str:
    def told(each: list[Turn]) -> str:
        if not each:
            return "failed"
        seconds = sorted(second for turn in each for second in turn.seconds)
        rate = sum(turn.rate for turn in each) / len(each)
        return f"{rate:,.1f}/s {seconds[len(seconds) // 2] * 1_000:,.1f} ms"

    parts = "; ".join(f"{server} {told(each)}" for server, each in turns.items())
    return f"{case.title} ({case.unit}): {parts}"
