"""What rules a store out, and which wishes pull apart: they are told, not averaged away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .questions import Answers, Wishes, wishes
from .stores import StoreName
from .weights import COLUMN, FILES, GRAPH, MONGO, REDIS, TIME

NOT_RUN_HERE = (COLUMN, GRAPH, TIME)


@dataclass(frozen=True)
class Exclusion:
    """A store that the answers rule out, by one answer, and why."""

    store: StoreName
    question: str
    answer: str
    reason: str


@dataclass(frozen=True)
class Conflict:
    """Answers that no store meets together, and what to do about it."""

    told: str
    advice: str


EXCLUSIONS = (
    Exclusion(
        REDIS,
        "loss",
        "never",
        "it may not be the only copy: “cache” evicts, and “store” may lose its last second",
    ),
    Exclusion(REDIS, "volume", "server", "everything in it must fit into memory"),
    Exclusion(REDIS, "volume", "cluster", "everything in it must fit into memory"),
    Exclusion(REDIS, "access", "query", "it finds by key and by score, not by content"),
    Exclusion(REDIS, "access", "joins", "it has no joins"),
    Exclusion(REDIS, "access", "traversal", "it follows no relations"),
    Exclusion(MONGO, "shape", "files", "a document ends at 16 MB; GridFS would cut each file into pieces"),
    Exclusion(COLUMN, "access", "joins", "it has no joins"),
    Exclusion(COLUMN, "access", "traversal", "it follows no relations"),
    Exclusion(COLUMN, "consistency", "transactions", "a transaction over partitions is not what it promises"),
    Exclusion(TIME, "access", "traversal", "it follows no relations"),
    Exclusion(FILES, "access", "live", "a folder tells nobody that it changed"),
    Exclusion(
        FILES, "consistency", "transactions", "files alone have no transaction: the row beside them has"
    ),
    *(
        Exclusion(
            store, "operations", "none", "the platform does not run it, and nobody may run another server"
        )
        for store in NOT_RUN_HERE
    ),
)


def exclusions(given: Answers) -> list[Exclusion]:
    """What the answers rule out. Files keep their place beside a transaction: their row is in PostgreSQL."""
    found = [each for each in EXCLUSIONS if each.answer in given.get(each.question, ())]
    is_files = given.get("shape") == ("files",)
    return [each for each in found if not (is_files and each.store is FILES)]


def conflicts(given: Answers) -> list[Conflict]:
    """Wishes that pull apart, each with the way out."""
    wanted = wishes(given)
    return [conflict for applies, conflict in _CONFLICTS if applies(wanted)]


def _all(*pairs: str) -> Callable[[Wishes], bool]:
    """Each ``question=answer``, or one of several: ``access=joins|query``."""
    needed = list(_alternatives(pairs))
    return lambda wanted: all(not wanted.isdisjoint(each) for each in needed)


def _alternatives(pairs: tuple[str, ...]) -> Iterator[Wishes]:
    for pair in pairs:
        question, _, slugs = pair.partition("=")
        yield frozenset((question, slug) for slug in slugs.split("|"))


_CONFLICTS: tuple[tuple[Callable[[Wishes], bool], Conflict], ...] = (
    (
        _all("latency=below-1-ms", "access=joins|query|traversal"),
        Conflict(
            "You ask for reads below a millisecond and for questions that Redis can't answer.",
            "Keep the record in PostgreSQL and a copy of each finished answer in Redis, told by the outbox.",
        ),
    ),
    (
        _all("latency=below-1-ms", "loss=never"),
        Conflict(
            "You ask for reads below a millisecond of something that must never be lost.",
            "Write it to PostgreSQL; the outbox brings a copy to Redis, and reads fall back to the record.",
        ),
    ),
    (
        _all("latency=below-1-ms", "volume=server|cluster"),
        Conflict(
            "You ask for reads below a millisecond of more than memory holds.",
            "Keep what is read often in Redis with a time to live, and all of it on disk.",
        ),
    ),
    (
        _all("shape=documents", "access=joins"),
        Conflict(
            "You ask for documents of any shape and for joins.",
            "Keep the columns that are joined in PostgreSQL and the body in MongoDB under the same id, as "
            "runs are "
            "kept here.",
        ),
    ),
    (
        _all("shape=documents", "consistency=transactions"),
        Conflict(
            "You ask for documents and for changes of several records together.",
            "Let PostgreSQL commit the change with an outbox row; MongoDB follows, guarded by version.",
        ),
    ),
    (
        _all("consistency=transactions", "writes=extreme"),
        Conflict(
            "You ask for transactions and for more writes than one server takes.",
            "Put decisions into PostgreSQL and the stream that led to them where it can be spread.",
        ),
    ),
    (
        _all("access=joins|query", "volume=cluster"),
        Conflict(
            "You ask for free questions over more than one server holds.",
            "Spread the raw data by the key it is read by, and keep sums and the newest part in PostgreSQL.",
        ),
    ),
    (
        _all("retention=expires", "loss=never"),
        Conflict(
            "You ask for records that end by themselves and must never be lost.",
            "Write them out to a file (Parquet) before they end; expiry has no undo.",
        ),
    ),
    (
        _all("shape=files", "consistency=transactions"),
        Conflict(
            "You ask for files in a transaction.",
            "Sync the bytes under their digest first; the row that makes them visible commits with the rest.",
        ),
    ),
    (
        _all("access=traversal", "access=windows"),
        Conflict(
            "You ask for paths and for windows of time.",
            "No store here does both well: edges and points are two tables in PostgreSQL, or two stores.",
        ),
    ),
)
