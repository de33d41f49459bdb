"""The stores of this platform, as it runs them."""

from .stores import Source, Store, StoreName

POSTGRESQL = Store(
    name=StoreName.POSTGRESQL,
    title="PostgreSQL",
    is_run=True,
    setup="PostgreSQL 18 (a wheel, or a server by URL), synchronous_commit on; metric points in 16 hash "
    "partitions",
    strengths=(
        "transactions over any number of rows and tables, with constraints that hold whoever writes",
        "joins, aggregates, windows, recursive queries and trigram search in one language",
        "one place where a fact begins to exist: the outbox row commits with it",
    ),
    weaknesses=(
        "writes go to one server; replicas only read",
        "rows that change often leave dead versions for vacuum to clear",
        "a change of shape is a migration",
    ),
    best_for=("the system of record", "questions that nobody has asked yet", "anything counted or summed up"),
    not_for=(
        "large files",
        "counters hit thousands of times a second on one row",
        "data that only lives minutes",
    ),
    consistency="Row locks, read committed by default; a constraint is true at every commit.",
    durability="A commit is on disk before it is answered.",
    failure="Away means the site answers 503: there is no second record to fall back to.",
    operations="Backups, vacuum, and a plan for failover. One server carries a team for years.",
    sources=(
        Source(
            "PostgreSQL: WITH queries, cycle detection",
            "https://www.postgresql.org/docs/current/queries-with.html",
        ),
    ),
)

MONGODB = Store(
    name=StoreName.MONGODB,
    title="MongoDB",
    is_run=True,
    setup="MongoDB 6.0 as a wheel, 8.0 in compose; a replica set, writes wait for a majority and the journal",
    strengths=(
        "a document of any shape is stored, indexed and searched as it is",
        "a document is written in one piece, however deeply it is nested",
        "documents can end by themselves at a time of their own (TTL index); shards spread them over servers",
    ),
    weaknesses=(
        "at most 16 MB and 100 levels a document",
        "no foreign keys: what refers to what is the application's care",
        "$lookup joins, but a planner for many joins it is not",
    ),
    best_for=("bodies whose shape each framework decides", "raw events with an end", "what is read whole"),
    not_for=(
        "relations with rules of their own",
        "many small updates of one growing document",
        "large files",
    ),
    consistency="One document is atomic; several need a session, which this platform does without.",
    durability="With w:majority and the journal nothing acknowledged was lost when servers were killed; "
    "w:1 lost some (docs/benchmarks/trials.md).",
    failure="Away means bodies are shown late: writes are accepted, and the outbox delivers them afterwards.",
    operations="Three members for failover, and an eye on document growth and on indexes nobody uses.",
    sources=(
        Source("MongoDB: limits and thresholds", "https://www.mongodb.com/docs/v8.0/reference/limits/"),
    ),
)

REDIS = Store(
    name=StoreName.REDIS,
    title="Redis",
    is_run=True,
    setup="Redis 8.2, two servers: “cache” evicts (allkeys-lru, nothing on disk), “store” never does "
    "(noeviction, "
    "append-only file, synced each second)",
    strengths=(
        "one command by key, answered from memory; hundreds of keys in one round trip",
        "sorted sets, counters, expiry and channels without a query",
        "scripts that run whole, so a check and a write can't be parted",
    ),
    weaknesses=(
        "everything must fit into memory",
        "no query but by key or by score; no joins",
        "the last second may be gone after a crash, and replication is asynchronous",
    ),
    best_for=(
        "copies that must be near",
        "leaderboards, limits, sessions",
        "answers that are dear to compute",
    ),
    not_for=("the only copy of anything", "questions by content", "more than memory holds"),
    consistency="A command or a script is atomic; a copy is as fresh as whoever tells it (leases, "
    "versioned keys).",
    durability="“store” may lose its last second, “cache” everything: what is here can be made again from "
    "PostgreSQL.",
    failure="Away means PostgreSQL answers instead, later; every call ends by a deadline of its own.",
    operations="Memory to watch, two policies kept apart. A cluster splits by slot: keys need hash tags.",
    sources=(
        Source(
            "Redis: persistence",
            "https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/",
        ),
    ),
)

FILES = Store(
    name=StoreName.FILES,
    title="Files under their digest",
    is_run=True,
    setup="A folder (or a mounted object store); each file under its SHA-256, its row in PostgreSQL",
    strengths=(
        "size costs nothing but space; the same bytes are kept once",
        "written to a temporary name, synced and renamed: a reader never sees half a file",
    ),
    weaknesses=(
        "found by its digest or by its row, never by content",
        "one folder that all web processes must share",
    ),
    best_for=("models, plots, arrays, archives", "anything above some megabytes that is written once"),
    not_for=("small records", "anything that changes in place"),
    consistency="A file becomes visible by the transaction that inserts its row.",
    durability="Synced before the row commits; as safe as the disk or the object store beneath.",
    failure="A missing file is told on the page and by reconcile; it can't be made again.",
    operations="A backup beside PostgreSQL's; reconcile finds files without rows and rows without files.",
)
