"""What is measured: the same works on every store, each at some levels, by one and by eight clients."""

from dataclasses import dataclass
from typing import Final

POSTGRESQL, MONGODB, REDIS = STORES = ("postgresql", "mongodb", "redis")
RENDERING = "rendering"  # no store: the page made anew
TITLES: Final = {POSTGRESQL: "PostgreSQL", MONGODB: "MongoDB", REDIS: "Redis", RENDERING: "rendering anew"}
DRIVER, LIBRARY, BATCHED = LEVELS = ("driver", "library", "batched")
LEVEL_TITLES: Final = {
    DRIVER: "Bare drivers (psycopg2, pymongo, redis-py), one request at a time",
    LIBRARY: "Libraries as the platform uses them (Django's ORM, mongoengine, cache API)",
    BATCHED: "A hundred at once in one round trip, by the drivers",
}
CLIENTS = (1, 8)
BATCH = 100

KEY_VALUE_READ, SIMPLE_READ, SIMPLE_WRITE = "key_value_read", "simple_read", "simple_write"
BATCH_READ, BATCH_WRITE = "batch_read_100", "batch_write_100"
SIMPLE_WRITE_LAX, BATCH_WRITE_LAX = "simple_write_lax", "batch_write_100_lax"
COMPLEX_QUERY, CACHED_PAGE, FEATURE_VECTORS = "complex_query", "cached_page", "feature_vectors"


@dataclass(frozen=True)
class Work:
    """One work; ``levels``: how many items an operation has at each level that it is measured at."""

    name: str
    title: str
    says: str
    levels: dict[str, int]


ONE = {DRIVER: 1, LIBRARY: 1}
# Writes are two races: what promises less would win for that alone.
ON_DISK, SOON = "on disk before the answer", "may lose up to a second"
PROMISED = "No crash loses what was acknowledged."
NOT_PROMISED = "A crash may lose what was acknowledged up to a second before."
WORKS: Final = {
    each.name: each
    for each in (
        Work(
            KEY_VALUE_READ,
            "Read a value by its key",
            "A text of 200 characters by a key of 32.",
            {**ONE, BATCHED: BATCH},
        ),
        Work(SIMPLE_READ, "Read one record", "A record of ten fields by its id, as typed values.", ONE),
        Work(
            SIMPLE_WRITE,
            f"Write one record, {ON_DISK}",
            f"A new record of ten fields. {PROMISED}",
            ONE,
        ),
        Work(
            SIMPLE_WRITE_LAX,
            f"Write one record, {SOON}",
            f"A new record of ten fields. {NOT_PROMISED}",
            ONE,
        ),
        Work(
            BATCH_READ,
            "Read 100 records",
            "A hundred records by their ids, in the order asked for.",
            {LIBRARY: BATCH, BATCHED: BATCH},
        ),
        Work(
            BATCH_WRITE,
            f"Write 100 records, {ON_DISK}",
            f"A hundred new records. {PROMISED}",
            {LIBRARY: BATCH, BATCHED: BATCH},
        ),
        Work(
            BATCH_WRITE_LAX,
            f"Write 100 records, {SOON}",
            f"A hundred new records. {NOT_PROMISED}",
            {LIBRARY: BATCH, BATCHED: BATCH},
        ),
        Work(
            COMPLEX_QUERY,
            "Average by group with a filter",
            "Count, mean and best accuracy of each framework among the finished records below a loss.",
            ONE,
        ),
        Work(CACHED_PAGE, "Fetch a rendered page", "A page of HTML of about 20 KB by its key.", ONE),
        Work(
            FEATURE_VECTORS,
            "Read feature vectors",
            "Vectors of 50 floats: of 10 entities, batched of 100, in the order asked for.",
            {DRIVER: 10, LIBRARY: 10, BATCHED: BATCH},
        ),
    )
}
DURABLE_WRITES, LAX_WRITES = (SIMPLE_WRITE, BATCH_WRITE), (SIMPLE_WRITE_LAX, BATCH_WRITE_LAX)
WRITES = (*DURABLE_WRITES, *LAX_WRITES)
