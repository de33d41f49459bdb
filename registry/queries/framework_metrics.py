"""MongoDB's metrics by framework."""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.documents import plain
from registry.documents.metric_search import aggregate_metrics, index_of_metrics
from registry.documents.search import DocumentSearch


@dataclass(frozen=True)
class FrameworkMetric:
    """A metric over the documents of a framework that have it; NaN is left out."""

    framework: str
    metric: str
    mean: float
    minimum: float
    maximum: float
    documents: int


def framework_metrics(
    search: DocumentSearch | None = None, *, metrics: Sequence[str] = ()
) -> list[FrameworkMetric]:
    """Each framework's metrics, by framework and name (one pipeline).

    Args:
        search: which documents; every model config by default.
        metrics: whole names; none for all.

    Raises:
        BadInputError: a path, operator or value is not acceptable.
        StoreUnavailableError: MongoDB does not answer.
    """
    search = search or DocumentSearch("model_configs", limit=10_000)
    return [
        FrameworkMetric(
            framework=row["_id"].get("framework", ""),
            metric=plain.decode_key(row["_id"]["metric"]),
            **{name: row[name] for name in ("mean", "minimum", "maximum", "documents")},
        )
        for row in aggregate_metrics(search, metrics)
    ]


def serving_metrics_index(search: DocumentSearch, *, metrics: Sequence[str] = ()) -> str:
    """The index that serves them; empty where the whole collection is read."""
    return index_of_metrics(search, metrics)
