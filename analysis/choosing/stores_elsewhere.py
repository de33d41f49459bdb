"""Families of stores that this platform does not run: what their own documentation says."""

from .stores import Source, Store, StoreName

COLUMN_FAMILY = Store(
    name=StoreName.COLUMN_FAMILY,
    title="Column-family store",
    is_run=False,
    setup="Cassandra, ScyllaDB, HBase",
    strengths=(
        "rows are spread over servers by their partition key, and more servers take more writes",
        "Cassandra and ScyllaDB have no primary; how many replicas must agree is chosen for each call",
        "rows and cells can carry a time to live",
    ),
    weaknesses=(
        "a table serves the query it was made for; another question is another copy of the data",
        "no joins, and no transactions over partitions as a relational store has them",
        "deletes are markers, and a repair that is left out lets deleted rows come back",
    ),
    best_for=(
        "more writes than one server takes",
        "very long histories read by one known key",
        "several data centres",
    ),
    not_for=("ad-hoc questions", "joins", "what one server holds"),
    consistency="Chosen per call in Cassandra (one, quorum, all; compare-and-set by lightweight "
    "transactions); "
    "HBase is strongly consistent by row.",
    durability="A commit log and several replicas; as many must answer as the consistency level says.",
    failure="A lost node is served by its replicas. HBase moves a lost server's regions first.",
    operations="A cluster, planned partition keys, compaction, regular repair; HBase brings HDFS and "
    "ZooKeeper along.",
    instead="PostgreSQL, partitioned by the key one reads by, while one server takes the writes; then "
    "MongoDB, "
    "whose documents can be sharded by the same key.",
    sources=(
        Source(
            "Cassandra: data modelling", "https://cassandra.apache.org/doc/latest/data_modeling/intro.html"
        ),
        Source(
            "Cassandra: guarantees", "https://cassandra.apache.org/doc/latest/architecture/guarantees.html"
        ),
        Source(
            "When repair does not run",
            "https://www.netdata.cloud/guides/cassandra/cassandra-repair-not-running/",
        ),
        Source(
            "ScyllaDB: a shard for each core",
            "https://www.scylladb.com/product/technology/shard-per-core-architecture/",
        ),
        Source(
            "HBase: architecture", "https://devdoc.net/bigdata/hbase-0.98.7-hadoop1/book/architecture.html"
        ),
        Source(
            "HBase: what must run beside it",
            "https://docs.cloudera.com/HDPDocuments/HDP3/HDP-3.1.4/hbase-data-access/content/deploying_hbase.html",
        ),
    ),
)

GRAPH = Store(
    name=StoreName.GRAPH,
    title="Graph store",
    is_run=False,
    setup="Neo4j, FalkorDB; recursive SQL in PostgreSQL is the way without one",
    strengths=(
        "paths of unknown length are one pattern in Cypher",
        "shortest paths and neighbourhoods without writing recursion",
        "Neo4j changes the graph in ACID transactions",
    ),
    weaknesses=(
        "one more system of record, or one more copy to keep right",
        "aggregates over everything are not what it is for",
        "FalkorDB keeps its graphs in Redis's memory and speaks a part of Cypher",
    ),
    best_for=(
        "many hops, depth not known before",
        "recommendation and fraud patterns",
        "who is connected to whom",
    ),
    not_for=("counting and summing rows", "what is two joins away", "time series"),
    consistency="Neo4j: ACID, read committed by default. FalkorDB: as Redis, a query at a time on a graph.",
    durability="Neo4j: a write-ahead log. FalkorDB: Redis's snapshots or append-only file, with their gaps.",
    failure="A single server is a single point; clusters of Neo4j are a licence and an operation of their "
    "own.",
    operations="A server, its memory, its backup, its language, and a feed from the system of record.",
    instead="Edges as rows in PostgreSQL and a recursive query with a CYCLE clause, in the same "
    "transaction as the "
    "things that the edges join.",
    sources=(
        Source(
            "Neo4j: transactional behaviour",
            "https://neo4j.com/docs/operations-manual/current/database-internals",
        ),
        Source(
            "Cypher: patterns of variable length",
            "https://neo4j.com/docs/cypher-manual/current/patterns/variable-length-patterns/",
        ),
        Source("FalkorDB: durability", "https://docs.falkordb.com/operations/durability"),
        Source("FalkorDB: features", "https://github.com/FalkorDB/FalkorDB"),
    ),
)

TIME_SERIES = Store(
    name=StoreName.TIME_SERIES,
    title="Time-series store",
    is_run=False,
    setup="TimescaleDB, InfluxDB, VictoriaMetrics, Prometheus",
    strengths=(
        "time is the first index: windows, rates and down-sampling are one call",
        "old points are compressed, thinned or dropped by policy",
        "TimescaleDB is an extension of PostgreSQL, so joins remain",
    ),
    weaknesses=(
        "InfluxDB and VictoriaMetrics restrict updates and deletes on purpose",
        "InfluxDB gives the latest points up for speed: a query may not see the last writes",
        "many label values make many series, and series cost memory",
    ),
    best_for=(
        "numbers by time at a high and steady rate",
        "windows and trends",
        "data that is thinned as it ages",
    ),
    not_for=("records that change", "transactions", "events that must each be there (Prometheus samples)"),
    consistency="TimescaleDB: PostgreSQL's. InfluxDB: eventual. Prometheus: samples, not a ledger.",
    durability="Write-ahead logs; Prometheus is one server's disk, neither clustered nor replicated.",
    failure="Prometheus and a single VictoriaMetrics stop with their server; pairs or a cluster are the "
    "answer.",
    operations="Light for one binary (VictoriaMetrics, Prometheus); TimescaleDB is an extension to install "
    "and update.",
    instead="Metric points in PostgreSQL's partitions (decision 0002), windows of arrays in HDF5 files "
    "behind the "
    "cache, or a MongoDB time-series collection.",
    sources=(
        Source(
            "TimescaleDB: hypertables",
            "https://tigerdata.com/docs/learn/hypertables/understand-hypertables",
        ),
        Source("TimescaleDB: from insert to archive", "https://tigerdata.com/docs/learn/data-lifecycle"),
        Source(
            "InfluxDB: design principles",
            "https://v2.docs.influxdata.com/v2.0/reference/key-concepts/design-principles/",
        ),
        Source(
            "VictoriaMetrics: deleting and replacing",
            "https://docs.victoriametrics.com/guides/guide-delete-or-replace-metrics",
        ),
        Source("Prometheus: storage", "https://prometheus.io/docs/prometheus/3.11/storage/"),
    ),
)
