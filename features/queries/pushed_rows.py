"""What pushes wrote, read back for delivery."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

import orjson
from django.db import connection

View = tuple[str, int]  # name, version
Row = tuple[str, dt.datetime, dt.datetime, list[object]]  # entity key, event time, when kept, values as kept

# The rows as they stand now: one that a later push wrote over is that push's.
PUSHED = """
SELECT DISTINCT ON (v.id, f.entity_key)
    v.name, v.version, f.entity_key, f.event_at, f.created_at, f.values::text
FROM unnest(%s::int8[], %s::int8[]) AS pushed (view_id, transaction)
JOIN features_featurevalue f ON f.view_id = pushed.view_id AND f.transaction = pushed.transaction
JOIN features_featureview v ON v.id = f.view_id
ORDER BY v.id, f.entity_key, f.event_at DESC
"""


def pushed_rows(pushes: Sequence[tuple[int, int]]) -> dict[View, list[Row]]:
    """The newest row of each entity of these pushes (view's primary key, transaction), in one statement."""
    found: dict[View, list[Row]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(PUSHED, [[view for view, _ in pushes], [number for _, number in pushes]])
        for name, version, key, event_at, written_at, values in cursor.fetchall():
            found[name, version].append((key, event_at, written_at, orjson.loads(values)))
    return dict(found)
