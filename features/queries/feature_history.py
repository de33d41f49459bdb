"""The offline history of one entity, across views."""

from collections.abc import Sequence

import orjson
from django.db import connection

from features.event_times import milliseconds
from features.offline_values import from_json
from features.queries.offline_features import OfflineRow
from features.view_schema import ViewSchema

HISTORY = """
SELECT v.name, row.event_at, row.created_at, row.values
FROM unnest(%(names)s::text[], %(versions)s::int[]) AS wanted (name, version)
JOIN features_featureview v USING (name, version)
CROSS JOIN LATERAL (
    SELECT event_at, created_at, values FROM features_featurevalue
    WHERE view_id = v.id AND entity_key = %(key)s
    ORDER BY event_at DESC LIMIT %(limit)s
) row
ORDER BY v.name, row.event_at DESC
"""


def feature_history(
    views: Sequence[ViewSchema], entity_key: str, *, limit: int = 50
) -> dict[str, list[OfflineRow]]:
    """The newest rows of each view for an entity, the newest first; every view has a list (one statement)."""
    by_name = {view.name: view for view in views}
    rows: dict[str, list[OfflineRow]] = {name: [] for name in by_name}
    versions = [view.version for view in views]
    with connection.cursor() as cursor:
        cursor.execute(
            HISTORY, {"names": list(by_name), "versions": versions, "key": entity_key, "limit": limit}
        )
        for name, event_at, created_at, values in cursor.fetchall():
            kept = from_json(by_name[name], orjson.loads(values))
            event_ms, written_ms = milliseconds(event_at), milliseconds(created_at)
            rows[name].append(OfflineRow(entity_key, event_ms, written_ms, kept))
    return rows
