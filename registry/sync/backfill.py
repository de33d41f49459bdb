"""Promising bodies of many runs at once: a few statements a thousand runs, not per run.

Used by imports inside their transactions, by ``migrate_runs_to_mongo`` and by reconcile's repair.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from registry.crash_points import crash_point
from registry.documents.flat_leaves import size_of
from registry.documents.store import ask_for_a_sign
from registry.enums import Lifecycle, OutboxStatus
from registry.exceptions import BadInputError, StoreUnavailableError
from registry.models import BodyPart, TrainingRun

from . import delivery
from .backfill_batch import Batch
from .purge_rows import TOMBSTONE, unbury
from .row_bodies import Given, Leaves, in_chunks, parts_of, rows_of
from .wakeup import wake_relay

AT_ONCE = 1_000
DELIVER_SECONDS = 10.0
COLUMNS = (
    "run_id", "version", "name", "model_name", "framework", "status", "lifecycle", "started_at", "ended_at",
    "experiment__experiment_id", "dataset__name", "parent__run_id",
)  # fmt: skip

# MongoDB refuses half a body for good; now it is whole.
AGAIN = f"""
UPDATE registry_outboxentry SET status = {OutboxStatus.DUE.value}, attempts = 0, next_at = now()
WHERE aggregate_id = ANY(%s) AND topic = 'runs' AND status = {OutboxStatus.PARKED.value}
"""  # noqa: S608 (made of constants)

Refused = dict[str, str]
Bases = dict[str, int]


def promise_bodies(
    run_ids: Sequence[str],
    params: Mapping[str, Leaves] | None = None,
    *,
    environment: Mapping[str, Any] | None = None,
    custom: Mapping[str, Any] | None = None,
) -> int:
    """Make bodies of rows in the running transaction, and owe them to MongoDB (and Redis where it serves).

    For runs that have no part "start" yet: their rows, params, tags, metrics, inputs, as the rows stand now;
    "status" with the metrics of those that have ended. Parts that exist stay as they are, so people's tags,
    custom metadata and notes do. The rest is left to the relay, or to :func:`deliver_bodies` after the
    commit. Eight statements a thousand runs; the rows are locked until the transaction ends.

    Args:
        run_ids: public ids, any number; one without a row, or that is being purged, is passed over.
        params: of some runs, leaves with their types: path of encoded keys → encoded value, as
            ``registry.services.params.read_leaves`` gives them. Else the texts of the param rows are read
            (``0.1`` is a number, ``[1, 2]`` a list, ``a.b`` nested).
        environment, custom: of some runs, of any shape, as they came.

    Returns:
        How many bodies were made.

    Raises:
        RuntimeError: no transaction is open.
        BodyTooLargeError: a body passes 15 MB.
        BadInputError: something can't be stored; the message names the run or place.
    """
    made = promise_given(run_ids, Given(params or {}, environment or {}, custom or {}))
    transaction.on_commit(wake_relay, robust=True)
    return made


def promise_given(run_ids: Sequence[str], given: Given, refused: Refused | None = None) -> int:
    """Do as :func:`promise_bodies` does; ``refused`` takes runs that can't have a body, and why."""
    if not connection.in_atomic_block:
        raise RuntimeError("Bodies are promised inside the transaction that makes or has the rows.")
    made = 0
    for start in range(0, len(run_ids), AT_ONCE):
        runs, bases = _without_start(run_ids[start : start + AT_ONCE])
        for chunk in in_chunks(runs):
            made += _promise(chunk, bases, given, refused)
    crash_point("write.before_commit")
    return made


def deliver_bodies(run_ids: Sequence[str], *, seconds: float = DELIVER_SECONDS) -> int:
    """Deliver what these runs are owed, in bulk, after the commit; returns how many effects took.

    What does not take within ``seconds`` a store stays the relay's, and all of it where MongoDB gives no
    sign within its usual deadline; no store's absence is an error.
    """
    if not is_there():
        wake_relay()
        return 0
    slices = (run_ids[start : start + AT_ONCE] for start in range(0, len(run_ids), AT_ONCE))
    return sum(delivery.deliver(each, seconds=seconds) for each in slices)


def without_start(run_ids: Sequence[str]) -> dict[str, None]:
    """Those of these runs that have no body, or one without its beginning (one statement), in their order."""
    parts = BodyPart.objects.filter(collection="runs", part="start", document_id__in=run_ids).order_by()
    there = set(parts.values_list("document_id", flat=True))
    return dict.fromkeys(run_id for run_id in run_ids if run_id not in there)


def is_there() -> bool:
    """Whether MongoDB gives a sign within its usual deadline."""
    try:
        ask_for_a_sign()
    except StoreUnavailableError:
        return False
    return True


def _without_start(run_ids: Sequence[str]) -> tuple[list[TrainingRun], Bases]:
    """Locked runs without a part "start", and the version that it takes (two statements).

    The row's version, or one below the least of what there is of the run already.
    """
    rows = TrainingRun.objects.select_for_update(of=("self",), no_key=True).filter(run_id__in=run_ids)
    rows = rows.exclude(lifecycle=Lifecycle.PURGING).select_related("experiment", "dataset", "parent")
    locked = list(rows.only(*COLUMNS).order_by("pk"))
    # A statement after the lock: it sees what the writers have committed that the lock waited for.
    there = _parts_there([run.run_id for run in locked])
    _unbury([run for run in locked if TOMBSTONE in there[run.run_id]], there)
    wanted = [run for run in locked if "start" not in there[run.run_id]]
    if half := [run.run_id for run in wanted if there[run.run_id]]:
        with connection.cursor() as cursor:
            cursor.execute(AGAIN, [half])
    return wanted, {run.run_id: _base(run, there[run.run_id]) for run in wanted}


def _parts_there(run_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Versions of the parts of bodies, and of tombstones wherever a run has one (one statement)."""
    rows = BodyPart.objects.order_by().values_list("owner_id", "part", "version")
    tombstones = rows.filter(part=TOMBSTONE, owner_id__in=run_ids)
    there: dict[str, dict[str, int]] = defaultdict(dict)
    for run_id, part, version in rows.filter(collection="runs", document_id__in=run_ids).union(tombstones):
        there[run_id][part] = version
    return there


def _base(run: TrainingRun, there: Mapping[str, int]) -> int:
    return max(min(there.values()) - 1, 0) if there else run.version


def _unbury(runs: Sequence[TrainingRun], there: Mapping[str, dict[str, int]]) -> None:
    """Runs that came back under the id of a purged one begin above all of its tombstones, which go."""
    versions = unbury([run.run_id for run in runs]) if runs else {}
    for run in runs:
        there[run.run_id].pop(TOMBSTONE)
        run.version = max(run.version, versions[run.run_id])


def _promise(runs: Sequence[TrainingRun], bases: Bases, given: Given, refused: Refused | None) -> int:
    rows = rows_of(runs)
    batch = Batch()
    for run in runs:
        try:
            parts, leaves = parts_of(run, rows, given)
            batch.add(run, parts, base=_version(run, bases, given), size=size_of(leaves) if leaves else 0)
        except BadInputError as error:
            if refused is None:
                raise
            refused[run.run_id] = str(error)
    batch.store()
    return len(batch.runs)


def _version(run: TrainingRun, bases: Bases, given: Given) -> int:
    """Of the first part: of an older document its own, never above what the next change counts on from."""
    older = given.documents.get(run.run_id)
    return bases[run.run_id] if older is None else min(max(older.get("v") or 1, 1), bases[run.run_id])
