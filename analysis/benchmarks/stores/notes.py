"""Sentences on what the figures alone don't say."""

from collections.abc import Sequence

from .recorded import StoreFigure
from .results import X, fastest
from .works import (
    BATCH_WRITE,
    BATCH_WRITE_LAX,
    CACHED_PAGE,
    COMPLEX_QUERY,
    DRIVER,
    FEATURE_VECTORS,
    KEY_VALUE_READ,
    LIBRARY,
    POSTGRESQL,
    REDIS,
    RENDERING,
    SIMPLE_WRITE,
    SIMPLE_WRITE_LAX,
)

PARTS = (
    "One transaction for each hundred in PostgreSQL; MongoDB and Redis keep each record by itself, so a"
    " failure may leave a part."
)
DURABLE = (
    "The same promise by all: synchronous_commit = on, w majority with j true, and Redis with appendfsync"
    " always, to which it is switched for these stretches alone: the platform's Redis syncs each second."
)
LAX = (
    "The same promise by all, a window that a crash may lose: 0.6 s with PostgreSQL's asynchronous commit,"
    " 0.1 s in MongoDB with w 1 and j false, 1 s in Redis with appendfsync everysec. Of these the platform"
    " uses Redis's alone."
)
FIXED = {
    KEY_VALUE_READ: "Our cache API asks past redis-py's client, so it may be ahead of the bare driver;"
    " on a miss it asks for a lease, so that no race leaves a stale value.",
    COMPLEX_QUERY: "Redis has no queries by value: whoever writes a record would have to keep the sorted set"
    " that stands in for the index, and a script that runs blocks every other client meanwhile. Ranking by"
    " one number is another matter: a sorted set has it ready (the leaderboards).",
    FEATURE_VECTORS: "Redis has one packed string an entity (docs/redis-keys.md). PostgreSQL and MongoDB are"
    " measured both with 50 columns or fields and with the same packed bytes, which no query can look into.",
    SIMPLE_WRITE: DURABLE,
    SIMPLE_WRITE_LAX: LAX,
    BATCH_WRITE: f"{PARTS} {DURABLE}",
    BATCH_WRITE_LAX: f"{PARTS} {LAX}",
}


def notes(figures: Sequence[StoreFigure]) -> dict[str, str]:
    """By work, of those that were measured."""
    measured = dict.fromkeys(each.work for each in figures)
    found = {work: FIXED[work] for work in measured if work in FIXED}
    for work, said in (
        (KEY_VALUE_READ, _bare_against_library(figures)),
        (CACHED_PAGE, _rendering(figures)),
    ):
        if said:
            found[work] = f"{found[work]} {said}" if work in found else said
    return found


def _bare_against_library(figures: Sequence[StoreFigure]) -> str:
    bare = {each.store: each for each in fastest(figures, KEY_VALUE_READ, DRIVER, 1)}
    library = {each.store: each for each in fastest(figures, KEY_VALUE_READ, LIBRARY, 1)}
    if POSTGRESQL not in bare or REDIS not in library:
        return ""
    ratio = library[REDIS].per_second / bare[POSTGRESQL].per_second
    return (
        f"Against a bare SELECT instead of the ORM, Redis through the cache ({library[REDIS].way}) reads"
        f" {ratio:.1f} {X} as many values a second: much of its lead over the ORM is the ORM."
    )


def _rendering(figures: Sequence[StoreFigure]) -> str:
    for each in figures:
        if (each.work, each.store, each.clients) == (CACHED_PAGE, RENDERING, 1) and each.operations:
            return f"Rendering the page anew takes {each.p50_ms:.1f} ms (p50, one client)."
    return ""
