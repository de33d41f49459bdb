"""Records: what must be true and must stay."""

from analysis.choosing.evidence import Measured, Noted, Unmeasured
from analysis.choosing.questions import answers
from analysis.choosing.stores import Source, StoreName

from .case import UseCase

POSTGRESQL_TEXT = Source(
    "PostgreSQL: full-text search", "https://www.postgresql.org/docs/current/textsearch.html"
)
MONGODB_LIMITS = Source(
    "MongoDB: limits and thresholds", "https://www.mongodb.com/docs/v8.0/reference/limits/"
)

KEEPING = (
    UseCase(
        slug="experiment-metadata",
        title="Experiments and runs",
        best=StoreName.POSTGRESQL,
        second=StoreName.MONGODB,
        why="Status, owner, times and parents obey rules, and lists filter and join on all of them at once.",
        changes=("every run has other fields, and nobody joins them", "more runs than one server holds"),
        evidence=(Measured("complex_query"), Measured("simple_write")),
        asks=answers(
            shape="rows",
            access=("key", "range", "query", "joins"),
            consistency="transactions",
            volume="server",
            loss="never",
            depth="few",
        ),
        here="PostgreSQL, registry_trainingrun",
    ),
    UseCase(
        slug="metric-history",
        title="Metric history of training runs",
        best=StoreName.POSTGRESQL,
        second=StoreName.TIME_SERIES,
        why="A curve belongs to its run: it is deleted, joined and permitted with it, and the same point "
        "sent twice "
        "must be one point.",
        changes=("many thousand points a second without end", "old points are to be thinned out by policy"),
        evidence=(
            Measured("batch_write_100", "batched"),
            Noted(
                "Sixteen partitions stay below ten million rows each at a hundred million points; one "
                "statement "
                "for rows and points reaches 72 % of plain COPY with one key, 62 % with ten.",
                "docs/decisions/0002-metric-points.md",
                ("below ten million rows at a hundred million points", "72 % (1 key) and 62 % (10 keys)"),
            ),
        ),
        asks=answers(
            shape="points",
            access=("range", "joins", "windows"),
            consistency="transactions",
            volume="server",
            writes="many",
            loss="never",
            retention="forever",
            operations="none",
        ),
        here="PostgreSQL, registry_metricpoint in 16 partitions",
    ),
    UseCase(
        slug="hyperparameters",
        title="Hyperparameters and configs of any shape",
        best=StoreName.MONGODB,
        second=StoreName.POSTGRESQL,
        why="Each framework nests differently, and a config is read as it was written. What is compared "
        "between runs "
        "is flattened into PostgreSQL besides.",
        changes=("configs are flat and small: a jsonb column then saves a store", "configs above 16 MB"),
        evidence=(
            Measured("simple_read"),
            Measured("simple_write"),
            Unmeasured("A document ends at 16 MB and 100 levels.", MONGODB_LIMITS),
        ),
        asks=answers(
            shape="documents",
            access=("key", "query"),
            consistency="record",
            volume="server",
            retention="forever",
            depth="none",
        ),
        here="MongoDB, runs and model_configs; dotted params in PostgreSQL",
    ),
    UseCase(
        slug="model-registry",
        title="Model registry with promotion",
        best=StoreName.POSTGRESQL,
        second=StoreName.MONGODB,
        why="One live version an environment is a constraint, and a promotion changes several rows or none.",
        changes=("nothing but a list of names and files is kept",),
        evidence=(Measured("simple_write"),),
        asks=answers(
            shape="rows",
            access=("key", "joins"),
            consistency="transactions",
            volume="memory",
            writes="few",
            loss="never",
            depth="few",
        ),
        here="PostgreSQL, registry_modelversion and registry_deployment; a saga with a pivot",
    ),
    UseCase(
        slug="audit-trail",
        title="Audit trail",
        best=StoreName.POSTGRESQL,
        second=StoreName.MONGODB,
        why="An entry must commit with the change it tells of, else one of them is a lie.",
        changes=("entries of reads, too, more than one server takes: then they stream to another store",),
        evidence=(Measured("simple_write"), Measured("batch_write_100", "batched")),
        asks=answers(
            shape="events",
            access=("range", "query"),
            consistency="transactions",
            volume="server",
            retention="forever",
            loss="never",
        ),
        here="PostgreSQL, registry_auditentry, written in the transaction of the change",
    ),
    UseCase(
        slug="artifacts",
        title="Models, plots and other files",
        best=StoreName.FILES,
        second=StoreName.MONGODB,
        why="They are large and written once; under their digest the same bytes are kept once, and a row "
        "makes them "
        "visible.",
        changes=("no shared folder or object store can be had: GridFS then",),
        evidence=(
            Unmeasured("A document ends at 16 MB; larger files go through GridFS in pieces.", MONGODB_LIMITS),
        ),
        asks=answers(shape="files", access=("key",), volume="cluster", retention="forever", loss="never"),
        here="a folder by SHA-256, registry_artifact in PostgreSQL",
    ),
    UseCase(
        slug="search",
        title="Search by name, tag and words",
        best=StoreName.POSTGRESQL,
        second=StoreName.MONGODB,
        why="The words are searched together with status, owner, metrics and permission, and trigrams find "
        "parts of "
        "names.",
        changes=("ranking by relevance over long texts in many languages: a search engine beside it",),
        evidence=(
            Unmeasured("PostgreSQL's text search ranks and stems beside the rows.", POSTGRESQL_TEXT),
            Measured("complex_query"),
        ),
        asks=answers(
            shape="rows", access=("query", "text"), consistency="record", volume="server", depth="few"
        ),
        here="PostgreSQL, trigram index on run names; the filter language compiles to one statement",
    ),
)
