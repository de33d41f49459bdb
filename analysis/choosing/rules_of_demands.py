"""What is demanded of the store says for or against each of them."""

from .weights import COLUMN, FILES, GRAPH, MONGO, PG, REDIS, TIME, Weight

CONSISTENCY = {
    "transactions": (
        Weight(PG, 4, "any rows in one transaction, with constraints at its end"),
        Weight(GRAPH, 1, "Neo4j has ACID transactions"),
        Weight(MONGO, -1, "sessions over documents exist, rules between them do not"),
        Weight(REDIS, -2, "a script is atomic, and may be lost a second later"),
        Weight(TIME, -2, "points are written, not transacted (TimescaleDB apart)"),
    ),
    "record": (
        Weight(PG, 1, "a row is read as it was committed"),
        Weight(MONGO, 1, "a document is written in one piece and read from the primary"),
        Weight(REDIS, 1, "one command at a time"),
    ),
    "eventual": (
        Weight(COLUMN, 2, "replicas agree later, and writes go on meanwhile"),
        Weight(REDIS, 1, "a copy is told after the commit"),
        Weight(MONGO, 1, "secondaries may read"),
        Weight(TIME, 1, "the last points may come a moment late"),
    ),
}

LATENCY = {
    "below-1-ms": (
        Weight(REDIS, 3, "everything is in memory; what that gains, the recorded key reads tell"),
        Weight(GRAPH, -1, "a query is planned first"),
        Weight(FILES, -1, "a file is opened first"),
    ),
    "milliseconds": (
        Weight(PG, 1, "an indexed read"),
        Weight(MONGO, 1, "an indexed read"),
        Weight(REDIS, 1, "a command by key"),
        Weight(COLUMN, 1, "a read of one partition"),
    ),
    "seconds": (
        Weight(PG, 1, "there is time for the question that was not foreseen"),
        Weight(FILES, 1, "there is time to read a file"),
    ),
}

VOLUME = {
    "memory": (
        Weight(REDIS, 1, "it fits"),
        Weight(PG, 1, "it stays in the buffers"),
        Weight(COLUMN, -2, "a cluster for what one server holds"),
    ),
    "server": (
        Weight(PG, 2, "one server and its partitions hold it"),
        Weight(MONGO, 2, "one replica set holds it"),
        Weight(COLUMN, -1, "its gain begins with several servers"),
    ),
    "cluster": (
        Weight(COLUMN, 4, "rows are spread by their partition key"),
        Weight(MONGO, 2, "collections are sharded by a key"),
        Weight(TIME, 1, "clusters exist (VictoriaMetrics, InfluxDB's paid ones)"),
        Weight(FILES, 2, "an object store grows without end"),
        Weight(GRAPH, -2, "a graph is hard to cut into shards"),
        Weight(PG, -2, "one server writes; sharding it is an operation of its own"),
    ),
}

WRITES = {
    "few": (
        Weight(PG, 1, "well within one server"),
        Weight(COLUMN, -1, "nothing that needs it"),
    ),
    "many": (
        Weight(PG, 1, "batches go in as one statement"),
        Weight(MONGO, 1, "batches go in as one command"),
        Weight(REDIS, 1, "batches go in as one pipeline"),
        Weight(COLUMN, 1, "appending is cheap"),
        Weight(TIME, 1, "appending is cheap"),
        Weight(GRAPH, -1, "each relation takes locks"),
    ),
    "extreme": (
        Weight(COLUMN, 4, "more servers take more writes"),
        Weight(TIME, 2, "made for a steady stream"),
        Weight(MONGO, 1, "shards share the writes"),
        Weight(GRAPH, -3, "one leader takes the writes"),
        Weight(PG, -2, "one server takes all writes"),
    ),
}

RETENTION = {
    "forever": (
        Weight(PG, 1, "backups and point-in-time recovery are its everyday"),
        Weight(MONGO, 1, "kept on disk until deleted"),
        Weight(COLUMN, 1, "kept on disk until deleted"),
        Weight(FILES, 1, "kept until no row needs it"),
        Weight(REDIS, -2, "memory is dear for what nobody reads"),
    ),
    "expires": (
        Weight(REDIS, 3, "each key has its own end"),
        Weight(MONGO, 2, "a TTL index deletes within a minute or so"),
        Weight(COLUMN, 2, "each cell has its own end"),
        Weight(PG, -1, "a job has to delete, and vacuum after it"),
        Weight(FILES, -1, "a sweep has to delete"),
    ),
    "thins": (
        Weight(TIME, 3, "down-sampling and retention are policies"),
        Weight(PG, 1, "a partition is dropped at once"),
        Weight(MONGO, 1, "a TTL index drops, a job sums up"),
        Weight(COLUMN, 1, "windows of time are compacted and dropped together"),
    ),
}

LOSS = {
    "never": (
        Weight(PG, 2, "committed is on disk"),
        Weight(MONGO, 1, "majority and journal, if the writer asks for them"),
        Weight(COLUMN, 1, "several replicas, if the writer asks for them"),
        Weight(FILES, 1, "synced before the row commits; back it up"),
    ),
    "rebuilt": (
        Weight(REDIS, 2, "what is gone is made again from its source"),
        Weight(GRAPH, 1, "the graph is filled again from the record"),
    ),
    "acceptable": (Weight(REDIS, 1, "nothing needs to touch a disk"),),
}

DEPTH = {
    "none": (
        Weight(REDIS, 1, "nothing to join"),
        Weight(COLUMN, 1, "nothing to join"),
        Weight(GRAPH, -3, "nothing to follow"),
    ),
    "few": (
        Weight(PG, 2, "some joins are its everyday"),
        Weight(REDIS, -1, "each join is another round trip"),
        Weight(COLUMN, -2, "each join is another copy"),
        Weight(TIME, -1, "labels are not relations"),
    ),
    "many": (
        Weight(GRAPH, 3, "the length of a path need not be known"),
        Weight(PG, 1, "recursion reads as deep as it must"),
        Weight(MONGO, -1, "each hop is another stage"),
        Weight(REDIS, -2, "each hop is another round trip"),
        Weight(COLUMN, -3, "each hop is another read"),
        Weight(TIME, -3, "labels are not relations"),
    ),
}

OPERATIONS = {
    "none": (),
    "some": (
        Weight(TIME, -1, "one more server to watch and to back up"),
        Weight(GRAPH, -1, "one more server and one more language"),
        Weight(COLUMN, -3, "a cluster is not simple"),
    ),
    "dedicated": (),
}
