"""Looking after the leaderboards: every run that PostgreSQL has standing, where and how it stands there."""

from collections.abc import Iterator, Mapping, Sequence

from features.online import board_scan, leaderboards
from features.online.board_scan import Stand
from features.queries.standings import DueStanding, all_due_standings, due_standings_of
from registry.fields import HEX_ID
from registry.sync.reconcile.drift import Check, Finding, Kind, Mending, Step, Terms
from registry.sync.reconcile.promises import promise_runs

CHUNK = 1_000
NOWHERE = DueStanding("", 0)
NOT_THERE = Stand(-1)
Found = tuple[Kind, str]


class BoardCheck(Check):
    """Compares sorted sets and places with SQL: all boards, or those of one dataset or metric."""

    place = "leaderboards"
    store = "Redis"

    def __init__(self, *, dataset: str = "", metric: str = "") -> None:
        self.dataset, self.metric = dataset, metric

    def look(self, *, deep: bool) -> Iterator[Step]:  # noqa: ARG002 (everything is compared anyway)
        """Compare everything once, then what seems wrong between two looks at PostgreSQL."""
        stands = board_scan.all_stands(dataset=self.dataset, metric=self.metric)
        due = all_due_standings(dataset=self.dataset, metric=self.metric)
        suspects = sorted(
            run_id
            for run_id in stands.keys() | due.keys()
            if _judged(due.get(run_id, NOWHERE), stands.get(run_id, NOT_THERE), is_whole=run_id in due)
        )
        boards = {run_id: sorted(stand.scores) for run_id, stand in stands.items()}
        if not suspects:
            yield Step(1, 1)
        for start in range(0, len(suspects), CHUNK):
            chunk = suspects[start : start + CHUNK]
            found = list(self._confirmed({run_id: boards.get(run_id, []) for run_id in chunk}))
            yield Step(start + len(chunk), len(suspects), found)

    def mend(self, findings: Sequence[Finding], terms: Terms) -> Mending:  # noqa: ARG002 (all can be made again)
        """Take off what no place leads to, let PostgreSQL's version in, and promise the rest."""
        due = due_standings_of([each.subject for each in findings if HEX_ID.fullmatch(each.subject)])
        for each in findings:
            standing = due.get(each.subject, NOWHERE)
            board_scan.lower(each.subject, standing.version)
            for board in set(_boards_in(each)) - standing.boards.keys():
                board_scan.take_off(board, each.subject)
        promise_runs({run_id: standing.version for run_id, standing in due.items()})
        if not self.dataset and not self.metric:
            leaderboards.note_built()  # whole but for what is owed, as always
        return Mending()

    def still(self, findings: Sequence[Finding]) -> set[str]:
        """Each looked at again, on the boards where it was found."""
        boards = {each.subject: _boards_in(each) for each in findings}
        return {each.subject for each in self._confirmed(boards)}

    def _confirmed(self, boards: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
        """Redis read between two reads of PostgreSQL that say the same and owe nothing."""
        run_ids = list(boards)
        known = [run_id for run_id in run_ids if HEX_ID.fullmatch(run_id)]
        before = due_standings_of(known)
        stands = board_scan.stands_of(
            {run_id: {*boards[run_id], *before.get(run_id, NOWHERE).boards} for run_id in run_ids}
        )
        after = due_standings_of(known)
        for run_id in run_ids:
            due = after.get(run_id, NOWHERE)
            if due.is_owed or after.get(run_id) != before.get(run_id):
                continue
            if judged := _judged(due, stands[run_id], is_whole=run_id in after):
                kind, detail = judged
                on = "\n".join(sorted(stands[run_id].scores))
                yield Finding(self.place, kind, run_id, run_id, detail, fingerprint=on)


def _boards_in(finding: Finding) -> list[str]:
    return [board for board in finding.fingerprint.split("\n") if board]


def _judged(due: DueStanding, stand: Stand, *, is_whole: bool) -> Found | None:
    """What is wrong; a place of an older version is not, since it lets every newer one in."""
    missing = sorted(due.boards.keys() - stand.scores.keys())
    others = sorted(stand.scores.keys() - due.boards.keys())
    if missing and others:
        return Kind.OTHER_BOARD, f"It stands on {_named(others)}, not on {_named(missing)}"
    if missing:
        scores = ", ".join(f"{_named([board])} with {due.boards[board]}" for board in missing)
        return Kind.MISSING, f"It should stand on {scores}"
    if others:
        return Kind.EXTRA, f"It stands on {_named(others)}"
    if is_whole and stand.version > due.version:
        return Kind.AHEAD, f"Its place has version {stand.version}, PostgreSQL {due.version}"
    return _judged_there(due, stand) if due.boards else None


def _judged_there(due: DueStanding, stand: Stand) -> Found | None:
    """What is wrong with a run that stands on the right boards alone."""
    for board, score in due.boards.items():
        if stand.scores[board] != score:
            return Kind.OTHER_SCORE, f"{_named([board])}: {stand.scores[board]}, not {score}"
    if missing := due.boards.keys() ^ set(stand.boards):
        return Kind.OTHER_BOARD, f"Its place and the boards disagree on {_named(sorted(missing))}"
    return None


def _named(boards: Sequence[str]) -> str:
    return ", ".join(board.rpartition("}:")[2] for board in boards)
