"""When to move what between stores, and how."""

from dataclasses import dataclass

from .evidence import Noted
from .stores import StoreName


@dataclass(frozen=True)
class Move:
    """One way of moving data.

    Attributes:
        is_built: whether this version does it; else it is advice.
        evidence: recorded figures, quoted from their documents.
    """

    title: str
    source: StoreName
    target: StoreName
    when: str
    how: str
    is_built: bool
    evidence: tuple[Noted, ...] = ()


TRIALS = "docs/benchmarks/trials.md"

MOVES = (
    Move(
        title="A copy in Redis",
        source=StoreName.POSTGRESQL,
        target=StoreName.REDIS,
        when="the same answer is read far more often than it changes, and it costs more than a read by key",
        how="An outbox row in the transaction of the change; after the commit the key is deleted with its "
        "lease, or "
        "the next version is written under another key. Reads that miss fill by lease.",
        is_built=True,
        evidence=(
            Noted(
                "Of 6,000 random schedules none left a stale value; deleting without leases left 680.",
                "docs/caching.md",
                ("left 0 stale values of 6,000 (deleting without leases 680)",),
            ),
        ),
    ),
    Move(
        title="Bodies out of rows",
        source=StoreName.POSTGRESQL,
        target=StoreName.MONGODB,
        when="a JSON column grows with every framework, is read whole and hardly ever joined",
        how="Keep what is filtered as columns. The row's transaction keeps the body's part and an outbox "
        "row; the "
        "document is upserted by _id with a version guard, by the writer or by the relay. Rows that came "
        "without a body get theirs by `manage.py migrate_runs_to_mongo`, which goes on where it was killed.",
        is_built=True,
        evidence=(
            Noted(
                "Under killed servers an outbox lost, orphaned or doubled none of 9,900 runs; PostgreSQL "
                "first and "
                "then MongoDB, without one, orphaned or doubled 5 to 41 %.",
                TRIALS,
                (
                    "| PostgreSQL first, then MongoDB | 5 to 41 % orphaned or doubled |",
                    "| outbox | none lost, orphaned, doubled or different of 9,900 |",
                ),
            ),
            Noted(
                "The backfill promised, delivered and confirmed 396 runs a second of 16 rows each, with "
                "leaderboards, and compared 2,810 a second, byte by byte.",
                "docs/backfill.md",
                (
                    "| the walk: promised, in MongoDB, on leaderboards, confirmed | 396 |",
                    "| the comparison, sums and bytes | 2,810 |",
                ),
            ),
        ),
    ),
    Move(
        title="Fields into columns",
        source=StoreName.MONGODB,
        target=StoreName.POSTGRESQL,
        when="a field of the documents is filtered, joined or constrained day by day",
        how="Add the column, let new writes fill both, fill the old ones in batches by id, compare counts "
        "and "
        "checksums, then read from the column.",
        is_built=False,
    ),
    Move(
        title="A new system of record",
        source=StoreName.MONGODB,
        target=StoreName.POSTGRESQL,
        when="rules between records have come up that documents can't hold (or the other way round)",
        how="Dual write in steps that can each be taken back: off, shadow, verify, read from the new one, "
        "done. One "
        "store decides at each step; what the other refuses is kept as a divergence and repaired, and no "
        "step is taken while the two differ. `manage.py dual_write` moves run notes so; "
        "`demo_cutover` shows it.",
        is_built=True,
        evidence=(
            Noted(
                "1,000 notes written by four writers while they moved there and back: all in both stores, "
                "none lost, doubled or altered; writers waited 17 to 115 ms for a step.",
                "docs/dual-write.md",
                (
                    "1,000 acknowledged, 1,000 in MongoDB, 1,000 in PostgreSQL",
                    "0 lost, doubled, altered or refused",
                    "writers waited 17–115 ms a step",  # noqa: RUF001 (as the document has it)
                ),
            ),
            Noted(
                "Handing over in on_commit without an outbox lost 32 to 36 % of the acknowledged runs "
                "under faults.",
                TRIALS,
                ("| handed over in `on_commit` | 32 to 36 % of the acknowledged ones lost |",),
            ),
        ),
    ),
    Move(
        title="Change data capture",
        source=StoreName.POSTGRESQL,
        target=StoreName.MONGODB,
        when="the writers can't be changed, or all tables are to be followed",
        how="Logical replication (pgoutput): snapshot, then stream; the position is stored with the data "
        "that it "
        "covers, the sink is idempotent, and the slot's lag is bounded: `manage.py cdc run`.",
        is_built=True,
        evidence=(
            Noted(
                "From the commit of plain SQL until the cached record was gone: 1.9 ms at p50, 8.8 ms at "
                "p99, on a busy machine.",
                "docs/change-capture.md",
                ("p50 1.9 ms, p99 8.8 ms over 200 commits",),
            ),
            Noted(
                "A trial from commit to document: 2.3 ms at p50, 5.3 ms at most, 48,800 rows/s in batches "
                "with a "
                "small decoder; Debezium 9.0 ms, 43.6 ms and 7,300 rows/s.",
                TRIALS,
                ("| 2.3 / 3.0 / 5.3 ms | 48,800 rows/s |", "| 9.0 / 15.0 / 43.6 ms | 7,300 rows/s |"),
            ),
        ),
    ),
    Move(
        title="Points to a time-series store",
        source=StoreName.POSTGRESQL,
        target=StoreName.TIME_SERIES,
        when="points arrive faster than the partitions take them, or must be thinned out as they age",
        how="Keep the row with latest, least and greatest value in PostgreSQL, where searches read it; "
        "stream the "
        "points from the partitions, and leave a run's curve where its permissions are checked.",
        is_built=False,
    ),
    Move(
        title="Edges to a graph store",
        source=StoreName.POSTGRESQL,
        target=StoreName.GRAPH,
        when="paths of unknown length between any two things are asked for all day, and recursion is too "
        "slow",
        how="Feed the graph by the outbox and treat it as a copy that can be filled again; keep foreign "
        "keys.",
        is_built=False,
        evidence=(
            Noted(
                "On a tree of 2,000 recursive SQL took 0.7 + 1.1 ms, FalkorDB 4 ms: measure your own graph "
                "first.",
                TRIALS,
                ("| PostgreSQL 18, recursive SQL | – | 0.7 + 1.1 ms |",),  # noqa: RUF001 (as the document has it)
            ),
        ),
    ),
    Move(
        title="Events to more servers",
        source=StoreName.MONGODB,
        target=StoreName.COLUMN_FAMILY,
        when="one primary no longer takes the writes",
        how="Shard the collection by the key that it is read by first: that needs no new store. Only then "
        "another "
        "family, with one table for each question.",
        is_built=False,
    ),
    Move(
        title="Old points into files",
        source=StoreName.POSTGRESQL,
        target=StoreName.FILES,
        when="histories of old runs fill tables and backups, and are hardly ever read",
        how="Write them to Parquet, read the file back, then delete exactly those rows in the transaction "
        "that marks the archive as taken. Keep latest, least and greatest value in the table, and read a "
        "run's points from its file: `manage.py archive`.",
        is_built=True,
    ),
    Move(
        title="Bytes out of a database",
        source=StoreName.MONGODB,
        target=StoreName.FILES,
        when="values of megabytes make backups and replication slow",
        how="Write each under its SHA-256, sync and rename it, then commit the row that names it; delete "
        "the old "
        "value when the row is there.",
        is_built=True,
    ),
)

AFTERWARDS = Noted(
    "Compare both sides after every move. `manage.py reconcile` did so for 100,000 runs and 200,000 "
    "documents in 3.7 s "
    "with nothing wrong, and wrote all 100,000 bodies anew in 229 s after they were lost.",
    "docs/reconcile.md",
    ("| nothing wrong | 3.7 | 0 | |", "| every run's body lost, `--repair` | 229 | 100,000 | 100,000 |"),
)
