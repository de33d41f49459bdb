"""What the data's shape and the way it is read say for or against each store."""

from .weights import COLUMN, FILES, GRAPH, MONGO, PG, REDIS, TIME, Weight

SHAPE = {
    "rows": (
        Weight(PG, 3, "columns and rules between rows are what tables are for"),
        Weight(MONGO, -1, "rules between documents are left to the application"),
        Weight(REDIS, -1, "a hash has no types and no rules"),
        Weight(TIME, -2, "records are not points in time"),
        Weight(FILES, -4, "a row is no file"),
    ),
    "documents": (
        Weight(MONGO, 4, "a document is kept as it is, up to 16 MB, and indexed inside"),
        Weight(PG, 2, "jsonb keeps and indexes it; a change writes the whole value anew"),
        Weight(COLUMN, -1, "columns are declared before they are written"),
        Weight(TIME, -3, "a document is not a point"),
        Weight(FILES, -3, "a file is not found by what is in it"),
    ),
    "key-value": (
        Weight(REDIS, 3, "a value under a key is its first data type"),
        Weight(PG, 1, "a table of two columns will do"),
        Weight(MONGO, 1, "a document with an _id will do"),
        Weight(COLUMN, 1, "a partition key alone will do"),
        Weight(GRAPH, -2, "there is nothing to connect"),
        Weight(TIME, -2, "a value has no series"),
        Weight(FILES, -3, "a file for each value is too much"),
    ),
    "events": (
        Weight(MONGO, 2, "events of every shape lie in one collection"),
        Weight(COLUMN, 2, "appending under a known key is its way of writing"),
        Weight(PG, 1, "a table with a JSON column, partitioned by time"),
        Weight(TIME, -1, "an event is more than a number"),
        Weight(FILES, -2, "events are too small for files"),
    ),
    "points": (
        Weight(TIME, 4, "a number at a time is the whole model"),
        Weight(PG, 3, "narrow rows in partitions: a run's curve lies in one of them"),
        Weight(COLUMN, 2, "a series is a partition, time its clustering column"),
        Weight(MONGO, 1, "time-series collections bucket them"),
        Weight(GRAPH, -3, "points have no relations"),
        Weight(REDIS, -1, "memory is dear for history"),
        Weight(FILES, -2, "files can't be appended to by many"),
    ),
    "graph": (
        Weight(GRAPH, 4, "things and relations are the whole model"),
        Weight(PG, 2, "edges are rows, and keys hold them to their ends"),
        Weight(REDIS, -2, "relations would be kept by hand"),
        Weight(COLUMN, -2, "each direction would be a table of its own"),
        Weight(TIME, -4, "relations are not series"),
        Weight(FILES, -4, "relations are not files"),
    ),
    "files": (
        Weight(FILES, 6, "bytes that are written once belong under their digest"),
        Weight(MONGO, 0, "GridFS cuts what is above 16 MB into pieces"),
        Weight(PG, -2, "large values make backups and vacuum heavy"),
        Weight(REDIS, -4, "memory is no place for files"),
        Weight(COLUMN, -3, "cells are meant to be small"),
        Weight(GRAPH, -4, "a graph holds no files"),
        Weight(TIME, -4, "a series holds no files"),
    ),
}

ACCESS = {
    "key": (
        Weight(REDIS, 2, "one command by key"),
        Weight(COLUMN, 2, "the partition key leads to the node that has it"),
        Weight(PG, 1, "an index on the key"),
        Weight(MONGO, 1, "the index on _id"),
        Weight(FILES, 1, "the digest is the path"),
    ),
    "range": (
        Weight(PG, 2, "a B-tree gives any range in order"),
        Weight(MONGO, 1, "an index gives a range in order"),
        Weight(COLUMN, 1, "within a partition, in the order it was clustered by"),
        Weight(TIME, 1, "ranges of time"),
        Weight(FILES, -1, "files have no order"),
    ),
    "query": (
        Weight(PG, 3, "SQL answers what nobody thought of, with statistics to plan it"),
        Weight(MONGO, 2, "filters and pipelines over any field"),
        Weight(COLUMN, -3, "a table answers the query it was made for"),
        Weight(TIME, -1, "queries are by time and label"),
        Weight(FILES, -3, "files can't be asked"),
    ),
    "joins": (
        Weight(PG, 4, "joins are planned, whatever their order"),
        Weight(GRAPH, 1, "relations are followed, not joined"),
        Weight(MONGO, -1, "$lookup is for one or two"),
        Weight(TIME, -2, "only TimescaleDB joins"),
        Weight(FILES, -3, "files can't be joined"),
    ),
    "traversal": (
        Weight(GRAPH, 4, "a path of any length is one pattern"),
        Weight(PG, 2, "recursive SQL with a CYCLE clause"),
        Weight(MONGO, -1, "$graphLookup stays in one collection"),
    ),
    "windows": (
        Weight(TIME, 4, "windows, rates and down-sampling are its functions"),
        Weight(PG, 2, "window functions and aggregates, by hand"),
        Weight(MONGO, 1, "$setWindowFields and $dateTrunc"),
        Weight(REDIS, -1, "windows would be counted by the application"),
        Weight(GRAPH, -2, "time is only a property"),
        Weight(FILES, -1, "windows of arrays, where files are cut for it"),
    ),
    "text": (
        Weight(PG, 3, "trigram and full-text indexes beside the rows"),
        Weight(MONGO, 2, "one text index a collection"),
        Weight(REDIS, -3, "words are no keys (the search module is not in this server)"),
        Weight(COLUMN, -2, "words are no partition key"),
        Weight(TIME, -3, "series hold numbers"),
        Weight(FILES, -3, "files can't be searched"),
    ),
    "ranking": (
        Weight(REDIS, 4, "a sorted set keeps its order with each write"),
        Weight(PG, 2, "an index on the score, read from its end"),
        Weight(MONGO, 1, "an index on the score"),
        Weight(COLUMN, -1, "scores that change would move rows"),
        Weight(GRAPH, -1, "scores are not relations"),
        Weight(FILES, -3, "files have no rank"),
    ),
    "live": (
        Weight(REDIS, 3, "channels tell all who listen"),
        Weight(PG, 1, "NOTIFY tells, but slows the transactions that call it"),
        Weight(MONGO, 1, "change streams tell, on a replica set"),
        Weight(COLUMN, -1, "readers would have to ask again and again"),
        Weight(FILES, -2, "a folder tells nobody"),
    ),
}
