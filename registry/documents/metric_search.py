"""Metrics by framework, computed by MongoDB."""

from collections.abc import Sequence

from pymongo import ASCENDING

from .connection import Body, collection, database
from .plain import check_text, encode_key
from .search import SEARCH_SECONDS, DocumentSearch, indexes_in, search_filter
from .store import patiently, told_plainly


def metric_pipeline(condition: Body, metrics: Sequence[str]) -> list[Body]:
    """Mean, minimum, maximum and count of metrics for each framework; NaN is left out.

    Metrics become key-value pairs, then groups.

    Args:
        condition: which documents.
        metrics: whole names; none for all.
    """
    keys = [encode_key(check_text(each, where="The metric's name")) for each in metrics]
    has_one: Body = {"$or": [{f"metrics.{key}": {"$type": "number"}} for key in keys]}
    numbers: Body = {"pairs.v": {"$type": "number", "$nin": [float("nan")]}}
    return [
        {"$match": {"$and": [condition, has_one if keys else {"metrics": {"$type": "object"}}]}},
        {"$project": {"framework": 1, "pairs": {"$objectToArray": "$metrics"}}},
        {"$unwind": "$pairs"},
        {"$match": numbers | ({"pairs.k": {"$in": keys}} if keys else {})},
        {
            "$group": {
                "_id": {"framework": "$framework", "metric": "$pairs.k"},
                "mean": {"$avg": "$pairs.v"},
                "minimum": {"$min": "$pairs.v"},
                "maximum": {"$max": "$pairs.v"},
                "documents": {"$sum": 1},
            }
        },
        {"$sort": {"_id.framework": ASCENDING, "_id.metric": ASCENDING}},
    ]


def aggregate_metrics(search: DocumentSearch, metrics: Sequence[str]) -> list[Body]:
    """Each framework's metrics, computed by MongoDB.

    Raises:
        BadInputError: a path, operator or value is not acceptable.
        StoreUnavailableError: MongoDB does not answer, or not within 30 seconds.
    """
    pipeline = metric_pipeline(search_filter(search), metrics)
    with patiently(SEARCH_SECONDS), told_plainly():
        return list(collection(search.collection).aggregate([*pipeline, {"$limit": search.limit}]))


def index_of_metrics(search: DocumentSearch, metrics: Sequence[str]) -> str:
    """The index that serves the aggregation; empty for a collection scan."""
    pipeline = metric_pipeline(search_filter(search), metrics)
    asked = {"aggregate": search.collection, "pipeline": pipeline, "cursor": {}}
    with told_plainly():
        told = database().command("explain", asked, verbosity="queryPlanner")
    return ", ".join(sorted(set(indexes_in(told))))
