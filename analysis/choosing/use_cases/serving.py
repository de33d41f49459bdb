"""Serving: what must be near, and may be made again."""

from analysis.choosing.evidence import Measured, Noted, Timed, Unmeasured
from analysis.choosing.questions import answers
from analysis.choosing.stores import Source, StoreName

from .case import UseCase

SORTED_SETS = Source("Redis: sorted sets", "https://redis.io/docs/latest/develop/data-types/sorted-sets/")

SERVING = (
    UseCase(
        slug="online-features",
        title="Online features",
        best=StoreName.REDIS,
        second=StoreName.POSTGRESQL,
        why="A prediction reads some views of some entities by key, at once, and the history that fills "
        "them stands in "
        "PostgreSQL.",
        changes=("more entities than memory holds", "only batches are scored, never single requests"),
        evidence=(
            Measured("feature_vectors"),
            Timed("read", "100 x 50", ("ours", "Feast's SDK"), "100 entities of 50 features from Redis"),
            Timed("http", "10 x 50, 4 clients", ("ours",), "10 entities of 50 features over HTTP"),
        ),
        asks=answers(
            shape="key-value",
            access=("key",),
            latency="below-1-ms",
            volume="memory",
            loss="rebuilt",
            depth="none",
        ),
        here="Redis “store”, one packed string an entity and view; offline history in PostgreSQL",
        is_about_speed=True,
    ),
    UseCase(
        slug="prediction-cache",
        title="Prediction cache",
        best=StoreName.REDIS,
        second=StoreName.POSTGRESQL,
        why="An answer holds until the model or the features change, all processes share it, and losing it "
        "costs one "
        "computation.",
        changes=("each input is new, so nothing is ever asked twice", "predictions must be kept for audit"),
        evidence=(
            Timed("serving", "prediction", ("computed, 1 entity",), "A prediction computed"),
            Timed("serving", "cached prediction", ("ours",), "The same out of the cache"),
            Measured("key_value_read"),
            Measured("key_value_read", "driver"),
        ),
        asks=answers(
            shape="key-value",
            access=("key",),
            latency="below-1-ms",
            volume="memory",
            retention="expires",
            loss="rebuilt",
        ),
        here="Redis “cache”, under model version and feature version",
        is_about_speed=True,
    ),
    UseCase(
        slug="cached-pages",
        title="Pages and charts that are dear to draw",
        best=StoreName.REDIS,
        second=StoreName.POSTGRESQL,
        why="Drawn once, read by everybody, and made again when the version in its key is raised.",
        changes=(
            "what is drawn changes with each look",
            "one process serves all: its own memory is nearer still",
        ),
        evidence=(
            Measured("cached_page"),
            Noted(
                "The page of an ended run with 8 curves of 10,000 points: 111 ms drawn anew, 31 ms out of "
                "Redis or memory.",
                "docs/caching.md",
                ("111 ms drawn anew, 31 ms out of Redis or memory",),
            ),
        ),
        asks=answers(
            shape="key-value", access=("key",), latency="below-1-ms", retention="expires", loss="acceptable"
        ),
        here="Redis “cache” behind the process's memory",
        is_about_speed=True,
    ),
    UseCase(
        slug="sessions-and-limits",
        title="Sessions and rate limits",
        best=StoreName.REDIS,
        second=StoreName.POSTGRESQL,
        why="Each request reads and counts them, they end by themselves, and a count must be one step for "
        "all processes.",
        changes=("a session must outlive a crash: then PostgreSQL has it, too, as here",),
        evidence=(Measured("key_value_read", clients=8), Measured("simple_write_lax", clients=8)),
        asks=answers(
            shape="key-value",
            access=("key",),
            consistency="record",
            latency="below-1-ms",
            volume="memory",
            retention="expires",
            loss="acceptable",
        ),
        here="Redis “cache”; sessions also in PostgreSQL",
        is_about_speed=True,
    ),
    UseCase(
        slug="leaderboards",
        title="Leaderboards",
        best=StoreName.REDIS,
        second=StoreName.POSTGRESQL,
        why="A sorted set stays in order with each write, and rank and top are one command; it is built "
        "again from SQL.",
        changes=("some thousand runs and few readers: an index on the score in PostgreSQL is enough",),
        evidence=(
            Unmeasured("Sorted sets keep their members by score.", SORTED_SETS),
            Measured("simple_write_lax"),
        ),
        asks=answers(
            shape="key-value", access=("ranking",), latency="below-1-ms", volume="memory", loss="rebuilt"
        ),
        here="Redis “store”; reconcile compares each board with SQL",
    ),
    UseCase(
        slug="live-updates",
        title="Pages that follow a training run",
        best=StoreName.REDIS,
        second=StoreName.POSTGRESQL,
        why="A bell without content is rung after the commit; whoever watches reads the record, so a lost "
        "bell loses "
        "nothing.",
        changes=("a few watchers who ask once in some seconds", "messages must each arrive: a queue then"),
        evidence=(
            Noted(
                "From the log call until Chromium has drawn the epoch: p50 83 ms, at most 256 ms, one "
                "epoch a second.",
                "docs/live.md",
                ("second, p50 83 ms, at most 256 ms, each epoch shown",),
            ),
        ),
        asks=answers(
            shape="key-value",
            access=("live",),
            consistency="eventual",
            latency="milliseconds",
            loss="acceptable",
        ),
        here="Redis “cache”, channels; PostgreSQL asked once a second while Redis is away",
    ),
)
