"""Logged models with their params, tags and metrics: one statement, however many."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

SELECT = """
SELECT g.id, replace(g.model_id::text, '-', ''), e.experiment_id, g.name, g.model_type,
coalesce(replace(r.run_id::text, '-', ''), ''), g.status, g.status_message, g.created_at, g.updated_at,
(SELECT coalesce(json_agg(json_build_array(t.key, t.value) ORDER BY t.key), '[]')
 FROM registry_loggedmodeltag t WHERE t.model_id = g.id),
(SELECT coalesce(json_agg(json_build_array(p.key, p.value) ORDER BY p.key), '[]')
 FROM registry_loggedmodelparam p WHERE p.model_id = g.id),
(SELECT coalesce(json_agg(json_build_object('key', x.key, 'value', x.value, 'timestamp', x.timestamp_ms,
     'step', x.step, 'dataset_name', nullif(x.dataset_name, ''),
     'dataset_digest', nullif(x.dataset_digest, ''),
     'run_id', replace(w.run_id::text, '-', '')) ORDER BY x.id), '[]')
 FROM registry_loggedmodelmetric x JOIN registry_trainingrun w ON w.id = x.run_id WHERE x.model_id = g.id)
FROM registry_loggedmodel g JOIN registry_experiment e ON e.id = g.experiment_id
LEFT JOIN registry_trainingrun r ON r.id = g.source_run_id
WHERE g.id = ANY(%(ids)s)
"""


class LoggedModelRow(NamedTuple):
    """A logged model; ids as our columns have them, ``source_run_id`` empty where there is none.

    A metric has key, value (NaN and infinities as text), timestamp, step, run_id, dataset_name,
    dataset_digest (both None where there is none).
    """

    id: int
    model_id: str
    experiment_id: str
    name: str
    model_type: str
    source_run_id: str
    status: str
    status_message: str
    created_at: dt.datetime
    updated_at: dt.datetime
    tags: list[tuple[str, str]]
    params: list[tuple[str, str]]
    metrics: list[dict[str, Any]]


def logged_model_rows(ids: Sequence[int]) -> list[LoggedModelRow]:
    """The models with these primary keys, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(SELECT, {"ids": list(ids)})
        found = {row[0]: LoggedModelRow(*row) for row in cursor.fetchall()}
    return [found[each] for each in ids if each in found]
