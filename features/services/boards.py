"""Making leaderboards again from PostgreSQL, and comparing them with it."""

from collections.abc import Iterator

from features.online import leaderboards
from features.online.errors import told_plainly
from features.queries.standings import all_due_standings
from registry.sync import relay
from registry.sync.reconcile.drift import Finding, Kind, Step, Terms

from .board_check import BoardCheck

CHUNK = 1_000
UNBUILT = "They were not built yet for the metrics of today, so PostgreSQL answers"


def rebuild_boards(*, dataset: str = "", metric: str = "") -> Iterator[Step]:
    """Put every run that PostgreSQL has standing in its places, and take off whatever else stands there.

    Safe while runs end and change: a newer place stays. Yields how far it is, in runs.

    Args:
        dataset: only its boards; empty for all.
        metric: only the boards of this metric; empty for all.

    Raises:
        StoreUnavailableError: Redis does not answer; what was done stays.
    """
    standings = list(all_due_standings(dataset=dataset, metric=metric).values())
    for start in range(0, len(standings), CHUNK):
        with told_plainly():
            leaderboards.put(standings[start : start + CHUNK])
        yield Step(min(start + CHUNK, len(standings)), len(standings))
    check = BoardCheck(dataset=dataset, metric=metric)
    left = [each for step in check.look(deep=False) for each in step.found]
    if left:
        check.mend(left, Terms())
        relay.drain()
    if not dataset and not metric:
        leaderboards.note_built()
    yield Step(len(standings), len(standings))


def wrong_places(*, dataset: str = "", metric: str = "") -> Iterator[Step]:
    """What stands otherwise than PostgreSQL has it; each finding was looked at twice.

    A run that stands on a board asked for is compared on all of its boards.

    Args:
        dataset, metric: as above.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    if not leaderboards.are_built():
        yield Step(0, 1, [Finding("leaderboards", Kind.MISSING, "all boards", "", UNBUILT)])
    yield from BoardCheck(dataset=dataset, metric=metric).look(deep=False)


def build_missing_boards() -> int:
    """Build all boards where they are not whole, as after a flush or for new metrics; returns how many runs.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    if leaderboards.are_built():
        return 0
    *_, last = rebuild_boards()
    return last.done
