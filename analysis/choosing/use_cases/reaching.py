"""Questions over much data, and the cases where another family of stores would be first."""

from analysis.choosing.evidence import Measured, Noted, Unmeasured
from analysis.choosing.questions import answers
from analysis.choosing.stores import StoreName
from analysis.choosing.stores_elsewhere import COLUMN_FAMILY, GRAPH, TIME_SERIES

from .case import UseCase

REACHING = (
    UseCase(
        slug="raw-events",
        title="Raw events",
        best=StoreName.MONGODB,
        second=StoreName.COLUMN_FAMILY,
        why="Events of every kind lie in one collection, are searched by their own fields, and end by "
        "themselves.",
        changes=("more events than one server takes", "only counts are ever read: counters then"),
        evidence=(Measured("batch_write_100", "batched"), Measured("complex_query")),
        asks=answers(
            shape="events",
            access=("range", "query"),
            consistency="record",
            volume="server",
            writes="many",
            retention="expires",
        ),
        here="MongoDB, events, 90 days",
    ),
    UseCase(
        slug="customer-360",
        title="Customer 360: who bought what, where and when",
        best=StoreName.POSTGRESQL,
        second=StoreName.MONGODB,
        why="Customers, purchases and places are joined and summed up in ways that change every month.",
        changes=("one page reads one customer whole: a copy as a hash in Redis, as here",),
        evidence=(Measured("complex_query"), Measured("cached_page")),
        asks=answers(
            shape="rows",
            access=("key", "query", "joins"),
            consistency="record",
            volume="server",
            retention="forever",
            depth="few",
        ),
        here="PostgreSQL; a profile a customer in Redis “cache”",
    ),
    UseCase(
        slug="training-sets",
        title="Feature history as it was at a time (training sets)",
        best=StoreName.POSTGRESQL,
        second=StoreName.FILES,
        why="For each label the newest value before its time is an indexed join, and a set must be the "
        "same tomorrow.",
        changes=("billions of rows: Parquet files and a query engine over them",),
        evidence=(
            Noted(
                "94,280 rows of six features take 149 bytes each as a JSONB list, without indexes (249 as "
                "an object).",
                "docs/decisions/0015-the-offline-history-of-features.md",
                (
                    "94,280 rows of `customer_rfm` (6 features)",
                    "| JSONB list | 149 |",
                    "| JSONB object | 249 |",
                ),
            ),
            Measured("batch_read_100", "batched"),
        ),
        asks=answers(
            shape="rows",
            access=("range", "joins", "windows"),
            consistency="record",
            volume="server",
            retention="forever",
            loss="never",
        ),
        here="PostgreSQL, features_featurevalue",
    ),
    UseCase(
        slug="lineage",
        title="Lineage: data set, run, version, deployment",
        best=StoreName.POSTGRESQL,
        second=StoreName.GRAPH,
        why="The edges are foreign keys of rows that are there anyway; recursion reads them in the same "
        "transaction.",
        changes=("shortest paths and patterns between any two things are the daily question",),
        evidence=(
            Noted(
                "A tree of 2,000 models, ancestors and descendants: recursive SQL 0.7 + 1.1 ms, FalkorDB 4 "
                "ms.",
                "docs/benchmarks/trials.md",
                ("A tree of 2,000 models", "0.7 + 1.1 ms", "| FalkorDB 4.16, Cypher | 0.04 s | 4 ms |"),
            ),
        ),
        asks=answers(
            shape="rows",
            access=("joins", "traversal"),
            consistency="transactions",
            loss="never",
            depth="many",
        ),
        here="PostgreSQL, foreign keys between data set, run, version and deployment",
    ),
    UseCase(
        slug="recommendation-graph",
        title="Who is like whom: recommendations and fraud rings",
        best=StoreName.GRAPH,
        second=StoreName.POSTGRESQL,
        why="The question is a pattern of many hops whose length nobody knows before, and the graph can be "
        "filled again.",
        changes=("two hops are enough: a join", "nobody may run another server: edges as rows in PostgreSQL"),
        evidence=(
            Unmeasured("Cypher matches paths of unknown length as one pattern.", GRAPH.sources[1]),
            Noted(
                "The one trial that was made, on a tree of 2,000, went to recursive SQL; a denser graph "
                "was not tried.",
                "docs/benchmarks/trials.md",
                ("A tree of 2,000 models", "0.7 + 1.1 ms"),
            ),
        ),
        asks=answers(
            shape="graph",
            access=("traversal",),
            volume="server",
            loss="rebuilt",
            depth="many",
            operations="dedicated",
        ),
        here="not kept; edges as rows in PostgreSQL would be the way",
    ),
    UseCase(
        slug="sensor-metrics",
        title="High-frequency sensor and system metrics",
        best=StoreName.TIME_SERIES,
        second=StoreName.POSTGRESQL,
        why="Numbers without end, asked by window and thinned as they age; no point has rules of its own.",
        changes=(
            "only some runs are watched: metric points in PostgreSQL do",
            "fixed recordings, not streams: HDF5 files and their windows, as the electrocardiogram here",
        ),
        evidence=(
            Unmeasured(
                "Down-sampling, compression and retention are policies of the table.", TIME_SERIES.sources[1]
            ),
            Noted(
                "Trials of writing alone: 20,000 points into InfluxDB 1.6 in 0.04 s, into VictoriaMetrics "
                "1.79 in 0.02 s.",
                "docs/benchmarks/trials.md",
                (
                    "| 20,000 points by line protocol | 0.04 s |",
                    "| 20,000 points by line protocol | 0.02 s |",
                ),
            ),
        ),
        asks=answers(
            shape="points",
            access=("range", "windows"),
            consistency="eventual",
            writes="many",
            retention="thins",
            operations="some",
        ),
        here="metric points in PostgreSQL; windows of HDF5 files cached in Redis",
    ),
    UseCase(
        slug="prediction-log",
        title="A log of every prediction, over several servers",
        best=StoreName.COLUMN_FAMILY,
        second=StoreName.MONGODB,
        why="More writes than one server takes, read back by one known key, with an end for each row.",
        changes=("one server takes it: events in MongoDB, or a partitioned table", "it must be asked freely"),
        evidence=(
            Unmeasured("Tables are modelled by query and spread by partition key.", COLUMN_FAMILY.sources[0]),
        ),
        asks=answers(
            shape="events",
            access=("key", "range"),
            consistency="eventual",
            volume="cluster",
            writes="extreme",
            retention="expires",
            operations="dedicated",
        ),
        here="not kept; MongoDB's events, sharded, would be the way",
    ),
)
