"""Recording a few turns of ours, and saying its statements again without it."""

from collections.abc import Callable, Mapping, Sequence

from .api import Api
from .cases import Case
from .driving import Drivers
from .recorder import Recorder
from .replay import replay
from .servers import ServerAddress


def alone_ms(
    cases: Sequence[Case],
    server: ServerAddress,
    recorder: Recorder,
    drivers: Drivers,
    *,
    replayed: str,
    only_labelled: bool,
    report: Callable[[str], None],
) -> Mapping[str, float]:
    """Milliseconds a request that PostgreSQL alone takes in each case, by its title.

    Args:
        server: ours, speaking to PostgreSQL through the recorder.
        replayed: the database to repeat it in, see :func:`replay`.
    """
    for case in cases:
        job = case.prepare(Api(server), case.clients, case.count)
        with recorder.labelled(case.title):
            drivers.drive(case, job, server)
    seconds = replay(recorder.statements, replayed, only_labelled=only_labelled)
    report(f"PostgreSQL alone: {len(recorder.statements)} statements repeated")
    return {case.title: seconds.get(case.title, 0.0) * 1_000 / case.count for case in cases}
