"""The consumer ``cache`` of change capture: what Redis has of rows that anybody changed, also by plain SQL.

The record of a run is forgotten when a row of the run, or of its metrics, params or tags, changes; live
deployments are put as they stand. A row deleted by itself tells only its key, not its run's: then every
cached record is forgotten, once a batch. All of that may be done twice. The position is set after it,
and lost with the cache, which then holds nothing that is stale: the consumer begins anew by itself.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import RedisError

from features import keys
from features.queries.captured import all_deployments, run_ids_of
from features.queries.live_deployments import live_deployments
from registry.exceptions import StoreUnavailableError
from registry.sync.capture.consumers import Position, Snapshot
from registry.sync.capture.messages import Change, Relation, Transaction
from registry.sync.capture.visibility import wait_until_visible
from registry.sync.targets import TargetUnavailableError

from . import deployments, leases
from .connection import cache, store

RUN, DEPLOYMENT = "registry_trainingrun", "registry_deployment"
OF_RUNS = ("registry_metric", "registry_param", "registry_runtag")
CHUNK = 1_000
# A process that was frozen with an older position in hand does not put it back.
MOVE_ON = """
if tonumber(redis.call('HGET', KEYS[1], 'lsn') or '0') > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'lsn', ARGV[1], 'committed_at', ARGV[2], 'transactions', ARGV[3], 'rows', ARGV[4])
return 1
"""


@dataclass
class Touched:
    """What rows of a batch are about."""

    run_ids: set[str] = field(default_factory=set)
    run_keys: set[int] = field(default_factory=set)
    deployment_ids: set[str] = field(default_factory=set)
    is_any_run: bool = False
    is_any_deployment: bool = False

    # with the relation, so that its id stays its own
    _places: dict[int, tuple[Relation, int]] = field(default_factory=dict)

    def add(self, change: Change) -> None:
        """Take a change in: what the row is now, and was before where that is told."""
        table, place = change.relation.table, self._place(change.relation)
        # Under REPLICA IDENTITY FULL a deleted row tells everything, else only its key.
        owners = {row[place] for row in (change.old, change.new) if row is not None} - {None}
        if table == DEPLOYMENT:
            self.is_any_deployment |= not owners
            self.deployment_ids |= {each.hex for each in owners}
            return
        self.is_any_run |= not owners
        if table == RUN:
            self.run_ids |= {each.hex for each in owners}
        else:
            self.run_keys |= owners

    def _place(self, relation: Relation) -> int:
        """Where a row says what it belongs to."""
        found = self._places.get(id(relation))
        if found is None:
            owner = "deployment_id" if relation.table == DEPLOYMENT else "run_id"
            names = [column.name for column in relation.columns]
            found = self._places[id(relation)] = relation, names.index(owner)
        return found[1]


class CacheConsumer:
    """Keeps the cache of runs and the live deployments true to PostgreSQL, whoever changes it."""

    name, title, is_cheap_to_begin = "cache", "Redis (cache)", True
    tables: Sequence[str] = (RUN, *OF_RUNS, DEPLOYMENT)

    def position(self) -> Position | None:
        """What the cache remembers; None where it was emptied."""
        with _told():
            found: Any = cache().hgetall(keys.capture_position())
        if not found:
            return None
        told = {name.decode(): value.decode() for name, value in found.items()}
        at = dt.datetime.fromisoformat(told["committed_at"]) if told["committed_at"] else None
        return Position(int(told["lsn"]), at, int(told["transactions"]), int(told["rows"]))

    def snapshot(self, snapshot: Snapshot) -> None:
        """Forget everything, since nobody knows what changed before."""
        with _told():
            self._renew(Touched(is_any_run=True, is_any_deployment=True))
            _keep(Position(snapshot.lsn))

    def apply(self, transactions: Sequence[Transaction]) -> None:
        """Forget what the rows are about, then move on."""
        touched = Touched()
        for transaction in transactions:
            for change in transaction.changes:
                touched.add(change)
        wait_until_visible(each.xid for each in transactions if each.changes)
        # An emptied cache has no position, and nothing stale either.
        before = self.position() or Position(0)
        with _told():
            self._renew(touched)
            _keep(before.after(transactions))

    def forget(self) -> None:
        """Drop the position."""
        with _told():
            cache().delete(keys.capture_position())

    def _renew(self, touched: Touched) -> None:
        if touched.is_any_run:
            _forget_every_run()
        else:
            run_ids = sorted(touched.run_ids | run_ids_of(touched.run_keys))
            for start in range(0, len(run_ids), CHUNK):
                leases.forget([keys.run_info(run_id) for run_id in run_ids[start : start + CHUNK]])
        if touched.is_any_deployment:
            store().delete(keys.deployments())
            deployments.put(live_deployments(all_deployments()))
        elif touched.deployment_ids:
            deployments.put(live_deployments(sorted(touched.deployment_ids)))


def _forget_every_run() -> None:
    """Twice: a lease that is filled while the first look goes on is surely seen by the second."""
    for _ in range(2):
        found = list(cache().scan_iter(keys.run_info("*"), count=CHUNK))
        for start in range(0, len(found), CHUNK):
            cache().delete(*found[start : start + CHUNK])


def _keep(position: Position) -> None:
    at = position.committed_at.isoformat() if position.committed_at else ""
    arguments = [str(position.lsn), at, position.transactions, position.rows]
    leases.run_script(MOVE_ON, [([keys.capture_position()], arguments)])


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (RedisError, StoreUnavailableError) as error:
        raise TargetUnavailableError(f"Redis: {error}") from error
