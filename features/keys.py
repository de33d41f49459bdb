"""Every Redis key and how long it lives. The one place where keys are spelled (docs/redis-keys.md)."""

import re
from collections.abc import Iterable

from django.conf import settings

from features.caches import PREDICTIONS

# names and entity keys come from outside: what would end a hash tag or can't be read in a terminal is escaped
SPECIAL = re.compile(r"[%{}\x00-\x1f\x7f]")

# server `cache` (may evict)
LEASE_SECONDS = 10
COUNTS_SECONDS = 2 * 3_600
COUNTS_BATCH_SECONDS = 300
WORKER_SECONDS = 3_600
PREDICTION_SECONDS = PREDICTIONS.seconds


def run_info(run_id: str) -> str:
    """An ended run's record as JSON; how long each cache keeps: ``features.caches``."""
    return f"{_prefix()}:run-info:{run_id}"


def run_curves(run_id: str, version: int, options: str) -> str:
    """The charts of an ended run at a version, JSON of HTML; one hash tag for the value and its lease."""
    return f"{_prefix()}:run-curves:{{{run_id}:{version}:{options}}}"


def compared_curves(digest: str) -> str:
    """The charts of several ended runs, by their versions and how they are drawn, JSON of HTML."""
    return f"{_prefix()}:run-curves:{{compared:{digest}}}"


def profile(customer_id: str) -> str:
    """Hash: a customer's profile; one hash tag for it and its lease."""
    return f"{_prefix()}:profile:{{{SPECIAL.sub(_escaped, customer_id)}}}"


def profile_answer(customer_id: str) -> str:
    """A customer's profile with predictions, JSON; how long: ``features.caches``."""
    return f"{_prefix()}:profile-answer:{{{SPECIAL.sub(_escaped, customer_id)}}}"


def window(source: str, digest: str, series: str, start: int, length: int) -> str:
    """A window of a series of a data set, packed (``features.array_packing``).

    By file and digest: whoever registers other files under a known digest fills keys of their own.
    """
    what = SPECIAL.sub(_escaped, f"{source}:{digest}:{series}")
    return f"{_prefix()}:window:{{{what}:{start}:{length}}}"


def lease(key: str) -> str:
    """The token of whoever may fill ``key``; ``LEASE_SECONDS``."""
    return f"{key}:lease"


def predictions(model: str, version: int, answered: Iterable[tuple[str, str]]) -> list[str]:
    """Answers of a model version by entity key and feature version, JSON; ``PREDICTION_SECONDS``.

    The hash tag is the version, so that one script may look up many of its answers.
    """
    tag = SPECIAL.sub(_escaped, f"{model}:{version}")
    head = f"{_prefix()}:prediction:{{{tag}}}"
    return [f"{head}:{SPECIAL.sub(_escaped, entity)}:{features}" for entity, features in answered]


def workers() -> str:
    """Hash: run id → JSON of who trains it; a run that said nothing for ``WORKER_SECONDS`` goes."""
    return f"{_prefix()}:{{workers}}:who"


def workers_seen() -> str:
    """Sorted set: run id by the time (ms) of its last sign of life; as long as :func:`workers`."""
    return f"{_prefix()}:{{workers}}:seen"


def rate_window(name: str) -> str:
    """Hash: slot of time → how much was granted in it (``token:<id>``, …); until the window is over."""
    return f"{_prefix()}:rate:{name}"


def bell(name: str) -> str:
    """Not a key but a channel: rung when the run with this id, ``boards`` or ``workers`` changed."""
    return f"{_prefix()}:bell:{name}"


def bell_of(channel: str) -> str:
    """The name in a channel of :func:`bell`."""
    return channel.rpartition(":")[2]


def capture_position() -> str:
    """Hash: how far change capture has brought the cache (``lsn``, …); until it is emptied."""
    return f"{_prefix()}:capture-position"


# server `store` (evicts nothing); one hash tag, so that a script may touch board and places together
def board(dataset: str, metric: str) -> str:
    """A leaderboard: sorted set, run id by the metric's value; for good."""
    return f"{_prefix()}:{{board}}:{metric}:{dataset}"


def board_places() -> str:
    """Hash: run id → ``version|boards`` that it stands on, NUL between them (none: on none); for good."""
    return f"{_prefix()}:{{board}}:places"


def boards_built() -> str:
    """The metrics whose boards are whole; without it the boards are not believed. For good."""
    return f"{_prefix()}:{{board}}:built"


def deployments() -> str:
    """Hash: ``environment|model`` → JSON of the live version; for good."""
    return f"{_prefix()}:deployments"


def feature_rows(entity: str, view: str, version: int, entity_keys: Iterable[str]) -> list[str]:
    """One entity's values of one version of a view, packed; kept beyond the view's TTL for the grace.

    The hash tag is the entity, so that all views of one entity lie on one node of a cluster.
    """
    entity_keys = list(entity_keys)
    head, tail = f"{_prefix()}:fv:{{{entity}:", f"}}:{view}:{version}"
    if SPECIAL.search("".join(entity_keys)):
        entity_keys = [SPECIAL.sub(_escaped, key) for key in entity_keys]
    return [f"{head}{key}{tail}" for key in entity_keys]


def features_whole() -> str:
    """``whole``, or who fills the store; without it features are read from PostgreSQL. For good."""
    return f"{_prefix()}:fv-whole"


def view_schemas() -> str:
    """Hash: ``name`` (the active version) or ``name@version`` → JSON of the view's schema; for good."""
    return f"{_prefix()}:view-schemas"


def _escaped(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"


def counts(minute: int) -> str:
    """Hash: what is counted → how often in this minute since 1970; ``COUNTS_SECONDS``."""
    return f"{_prefix()}:{{counts}}:{minute}"


def counts_batch(batch: str) -> str:
    """That a process's counts have arrived; ``COUNTS_BATCH_SECONDS``."""
    return f"{_prefix()}:{{counts}}:batch:{batch}"


def activity_built() -> str:
    """``whole``; without it the counters of activity are not believed. For good."""
    return f"{_prefix()}:{{activity}}:built"


def activity_seen() -> str:
    """Sorted set: batch of events by when it was counted (ms); each for 7 days."""
    return f"{_prefix()}:{{activity}}:seen"


def activity_totals() -> str:
    """Hash: ``kind|events``, ``kind|cents`` and ``latest``, the newest event's second; for good."""
    return f"{_prefix()}:{{activity}}:totals"


def activity_hours() -> str:
    """Hash: ``hour|kind|events`` and ``hour|kind|cents`` of 168 hours up to the newest event's."""
    return f"{_prefix()}:{{activity}}:hours"


def activity_ranking(what: str) -> str:
    """Sorted set: countries or customers (``countries:events``, ``customers:cents``, …); for good."""
    return f"{_prefix()}:{{activity}}:{what}"


def _prefix() -> str:
    prefix: str = settings.REDIS_KEY_PREFIX
    return prefix
