"""Creating a run for a client elsewhere: one statement, its body left to the relay.

The statement finds the experiment and whether the caller may edit it, inserts the run and its tags, and
promises the body. Where it made nothing, :func:`create_run` looks again to say why.
"""

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from registry import signals
from registry.enums import Lifecycle
from registry.exceptions import BadInputError, in_the_bin
from registry.fields import new_hex_id
from registry.models import ExperimentPermission
from registry.postgres.prepared import Prepared
from registry.queries.permission_sql import PERMISSION_TYPES, permission_sql
from registry.queries.permissions import experiment_with_id
from registry.sync.outbox import PROMISE, PROMISE_TYPES
from registry.sync.run_body import start_promise
from registry.sync.wakeup import wake_relay

from .names import checked_name
from .tags import tag_pairs

EDIT = ExperimentPermission.Level.EDIT
ADJECTIVES = (
    "able", "brave", "bright", "calm", "clear", "clever", "curious", "eager", "early", "fair", "fleet",
    "fond", "gentle", "glad", "golden", "grand", "honest", "humble", "keen", "kind", "lively", "lucky",
    "mellow", "merry", "mighty", "nimble", "noble", "patient", "polite", "proud", "quick", "quiet",
    "rapid", "rare", "serene", "silent", "smooth", "steady", "swift", "vivid", "warm", "wise",
)  # fmt: skip
NOUNS = (
    "alder", "aspen", "badger", "beech", "birch", "cedar", "crane", "dove", "eagle", "elm", "falcon",
    "fern", "finch", "fox", "hare", "hawk", "heron", "ibis", "ivy", "jay", "lark", "larch", "lynx",
    "maple", "marten", "moth", "oak", "otter", "owl", "pine", "plover", "raven", "reed", "robin",
    "rowan", "seal", "shrew", "swan", "tern", "thrush", "vole", "willow", "wren", "yew",
)  # fmt: skip

CREATE = """
WITH e AS MATERIALIZED (
    SELECT id FROM registry_experiment e
    WHERE experiment_id = %(experiment_id)s AND lifecycle = 'active' AND {permission} FOR KEY SHARE
), made AS (
    INSERT INTO registry_trainingrun
        (run_id, experiment_id, parent_id, name, model_name, framework, status, lifecycle, started_at,
         failure_reason, version, body_version, body_bytes, created_by_id, created_at, updated_at)
    SELECT %(owner_id)s::uuid, e.id,
        (SELECT id FROM registry_trainingrun WHERE run_id = %(parent_run_id)s::uuid),
        %(name)s, '', '', 'RUNNING', 'active', %(started_at)s, '', 1, 0, 0, %(creator)s, now(), now()
    FROM e RETURNING id
), tagged AS (
    INSERT INTO registry_runtag (run_id, key, value)
    SELECT made.id, t.key, t.value
    FROM made, unnest(%(tag_keys)s::text[], %(tag_values)s::text[]) AS t (key, value)
), {promise}
"""
TYPES = (
    PROMISE_TYPES
    | PERMISSION_TYPES
    | {
        "experiment_id": "text", "parent_run_id": "uuid", "name": "text", "started_at": "timestamptz",
        "creator": "int8", "tag_keys": "text[]", "tag_values": "text[]",
    }
)  # fmt: skip


@dataclass(frozen=True)
class NewRun:
    """A run that was just created; tags in the order of their keys."""

    run_id: str
    experiment_id: str
    name: str
    started_at: dt.datetime
    tags: list[tuple[str, str]]


def create_run(
    *,
    experiment_id: str,
    user: User,
    name: str = "",
    parent_run_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    started_at: dt.datetime | None = None,
) -> NewRun:
    """Create a running run in an experiment that the user may edit.

    Args:
        name: an invented one where it is empty.
        parent_run_id: 32 hexadecimal characters; a parent that is not there is no error.

    Raises:
        NotFoundError: no such experiment, or none that the user may know of.
        ForbiddenError: the user may not edit it.
        ConflictError: it is deleted.
        BadInputError: something can't be stored; nothing was.
    """
    chosen = checked_name(name or invented_name(), what="The run's name")
    pairs = tag_pairs(tags or {})
    run_id, start = new_hex_id(), started_at or timezone.now()
    promise = start_promise(
        run_id=run_id, experiment_id=experiment_id, name=chosen, started_at=start,
        parent_run_id=parent_run_id, tags=pairs,
    )  # fmt: skip
    permission, values = permission_sql(user, EDIT)
    values |= promise.values() | {
        "experiment_id": experiment_id, "parent_run_id": parent_run_id, "name": chosen, "started_at": start,
        "creator": user.pk, "tag_keys": [pair["k"] for pair in pairs],
        "tag_values": [pair["v"] for pair in pairs],
    }  # fmt: skip
    with connection.cursor() as cursor:
        _statement(permission).execute(cursor, values)
        if not cursor.rowcount:
            _explain(user, experiment_id)
    transaction.on_commit(wake_relay, robust=True)  # the run is there: nothing may say otherwise now
    signals.announce(signals.run_logged, run_id=run_id)
    return NewRun(run_id, experiment_id, chosen, start, [(pair["k"], pair["v"]) for pair in pairs])


def invented_name() -> str:
    """A name to tell a run by, such as ``quiet-otter-217``."""
    words = random.choice(ADJECTIVES), random.choice(NOUNS)  # noqa: S311 (nobody guards anything with it)
    return f"{words[0]}-{words[1]}-{random.randrange(1_000)}"  # noqa: S311


@cache
def _statement(permission: str) -> Prepared:
    return Prepared("create_run", CREATE.format(permission=permission, promise=PROMISE), TYPES)


def _explain(user: User, experiment_id: str) -> None:
    experiment = experiment_with_id(user, experiment_id, level=EDIT)
    if experiment.lifecycle != Lifecycle.ACTIVE:
        raise in_the_bin("experiment", repr(experiment.name))
    raise BadInputError(f"The experiment {experiment.name!r} changed meanwhile. Try again.")
