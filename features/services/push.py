"""Values as they happen: into PostgreSQL with a debt to Redis, then to Redis at once."""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.contrib.auth.models import User
from django.db import DatabaseError, InterfaceError, connection, transaction

from features.entity_keys import checked
from features.event_times import checked_event_at
from features.offline_values import checked_values, to_json
from features.packing import WrongValueError
from features.queries.recorded import LATER
from features.queries.view_schemas import forget_view_schemas, view_schema
from features.view_schema import ViewSchema
from registry.crash_points import crash_point
from registry.enums import OutboxStatus, OutboxTarget
from registry.exceptions import BadInputError, ConflictError, ForbiddenError, StoreUnavailableError
from registry.sync.outbox import HEADSTART_SECONDS
from registry.sync.wakeup import wake_relay

from .online_features import OnlineRow, write_online_features

logger = logging.getLogger(__name__)
FEATURES_PUSHED = "features.pushed"
MOST_ROWS = 10_000
PERMISSION = "features.add_featurevalue"

# One statement: the values, and one debt for all of them. The debt names the view and the transaction
# that wrote them, by which delivery reads the rows as they stand then. The clock is read under the row's
# lock, and goes up by a millisecond at least: it tells in Redis which of two pushes PostgreSQL took last.
PUSH = f"""
WITH kept AS (
    INSERT INTO features_featurevalue (view_id, entity_key, event_at, created_at, values)
    SELECT v.id, pushed.entity_key, pushed.event_at, clock_timestamp(), given
    FROM (SELECT id FROM features_featureview
            WHERE name = %(view)s AND version = %(version)s AND is_active) v,
        unnest(%(keys)s::text[], %(times)s::timestamptz[], %(values)s::jsonb[])
        AS pushed (entity_key, event_at, given)
    ORDER BY 2, 3
    ON CONFLICT (view_id, entity_key, event_at) DO UPDATE
        SET values = excluded.values, transaction = excluded.transaction, created_at = {LATER}
    RETURNING view_id, transaction, entity_key, event_at, created_at
), owed AS (
INSERT INTO registry_outboxentry
    (target, topic, aggregate_id, document_id, aggregate_version, attempts, status, next_at, last_error)
SELECT DISTINCT {OutboxTarget.REDIS.value}, '{FEATURES_PUSHED}', 'view ' || view_id, transaction::text, 0, 0,
    {OutboxStatus.DUE.value}, now() + make_interval(secs => {HEADSTART_SECONDS}), ''
FROM kept RETURNING id
)
SELECT owed.id, entity_key, event_at, created_at FROM kept, owed
"""  # noqa: S608 (made of constants)


@dataclass(frozen=True)
class Pushed:
    """What became of a push: ``rows`` are kept for good; ``is_online`` tells whether Redis has them yet."""

    view: str
    version: int
    rows: int
    is_online: bool


def push_features(*, view: str, rows: Sequence[OnlineRow], user: User) -> Pushed:
    """Keep values of the active version and serve them (two statements and one round trip to Redis).

    The same entity and event time twice is one row, the later one. Event times are kept to the
    millisecond. An older event than the newest goes into the history alone. While Redis is away the
    push is accepted; the relay delivers it. Belongs outside of transactions, or Redis may be told what
    is rolled back.

    Raises:
        ForbiddenError: the user may not add feature values.
        NotFoundError: there is no such view with an active version.
        BadInputError: a row is not of the view's types, or there are too many; nothing was kept.
        ConflictError: versions were activated twice in the same moment.
    """
    if not user.has_perm(PERMISSION):
        raise ForbiddenError(f"The user {user.get_username()} may not push features ({PERMISSION}).")
    schema, taken, debt = _kept(view, rows)
    if debt is None:
        return Pushed(view, schema.version, 0, is_online=True)
    crash_point("write.after_commit")
    return Pushed(view, schema.version, len(taken), is_online=_serve(schema, taken, debt))


def promise_features(*, view: str, rows: Sequence[OnlineRow]) -> None:
    """Keep values of the active version in the running transaction; the relay serves them after its commit.

    Raises:
        RuntimeError: no transaction is open.
        NotFoundError, BadInputError, ConflictError: as :func:`push_features`.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("promise_features() belongs inside a transaction; push_features() outside.")
    _kept(view, rows)
    transaction.on_commit(wake_relay, robust=True)


def _kept(view: str, rows: Sequence[OnlineRow]) -> tuple[ViewSchema, list[OnlineRow], int | None]:
    """The rows as they are kept, and the debt's id; None where there are no rows."""
    for _ in range(2):
        schema = view_schema(view)
        taken = _taken(schema, rows)
        debt, taken = _keep(schema, taken) if taken else (None, [])
        if debt is not None or not rows:
            return schema, taken, debt
        forget_view_schemas()  # another version was activated a moment ago
    raise ConflictError(f"The active version of {view} changes right now. Push again.")


def _taken(schema: ViewSchema, rows: Sequence[OnlineRow]) -> list[OnlineRow]:
    """The rows checked, so that neither store refuses them later; each entity and event time once."""
    if len(rows) > MOST_ROWS:
        raise BadInputError(f"A push takes {MOST_ROWS:,} rows at most, not {len(rows):,}.")
    found: dict[tuple[str, dt.datetime], OnlineRow] = {}
    now = dt.datetime.now(dt.UTC)
    for row in rows:
        key = checked(row.entity_key)
        at = checked_event_at(row.event_at, whose=f"{schema.name} of {key!r}", now=now)
        found[key, at] = OnlineRow(key, at, _checked_values(schema, key, row.values))
    return list(found.values())


def _checked_values(schema: ViewSchema, key: str, given: Mapping[str, Any]) -> dict[str, Any]:
    values = checked_values(schema, given, entity_key=key)
    try:
        schema.codec.pack(list(values.values()), event_ms=0, written_ms=0)
    except WrongValueError as error:
        raise BadInputError(f"{schema.name} of {key!r}: {error}.") from None
    if any(isinstance(value, str) and "\0" in value for value in values.values()):
        raise BadInputError(f"{schema.name} of {key!r}: text with a NUL can't be kept.")
    return values


def _keep(schema: ViewSchema, rows: Sequence[OnlineRow]) -> tuple[int | None, list[OnlineRow]]:
    """Write the rows and their debt; returns its id and the rows with when PostgreSQL took them.

    None and no rows where the version is not active.
    """
    values: dict[str, Any] = {
        "view": schema.name,
        "version": schema.version,
        "keys": [row.entity_key for row in rows],
        "times": [row.event_at for row in rows],
        "values": [orjson.dumps(to_json(row.values)).decode() for row in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(PUSH, values)
        made = cursor.fetchall()
    written = {(key, event_at): written_at for _, key, event_at, written_at in made}
    kept = [replace(row, written_at=written[row.entity_key, row.event_at]) for row in rows] if made else []
    return (int(made[0][0]) if made else None), kept


def _serve(schema: ViewSchema, rows: Sequence[OnlineRow], debt: int) -> bool:
    """The fast path; what does not take is the relay's."""
    try:
        write_online_features(view=schema, rows=rows)
    except StoreUnavailableError as error:
        logger.warning("A push of %d rows waits in the outbox: %s", len(rows), error)
        wake_relay()
        return False
    # Kept and served: what goes wrong from here on only has the relay deliver it once more.
    with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_outboxentry WHERE id = %s", [debt])
    return True
