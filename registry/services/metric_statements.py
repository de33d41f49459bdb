"""The statement that logs metrics: finds the run, upserts its ``Metric`` rows, inserts the points."""

from functools import cache

from registry.postgres.prepared import Prepared
from registry.queries.permission_sql import PERMISSION_TYPES

# True where the new point comes after the latest one: by step, timestamp, value, NaN last.
IS_NEWER = """(excluded.latest_step, excluded.latest_timestamp_ms, excluded.latest_value)
        > (m.latest_step, m.latest_timestamp_ms, m.latest_value)"""

# The run's row is held so that it can't end in between: its body tells the metrics that it ended with.
FIND = """
WITH r AS MATERIALIZED (
    SELECT r.id FROM registry_trainingrun r JOIN registry_experiment e ON e.id = r.experiment_id
    WHERE r.run_id = %(run_id)s::uuid AND r.lifecycle = 'active' AND e.lifecycle = 'active'
        AND {condition}
    FOR {lock} OF r
)
"""
UPSERT = f"""
INSERT INTO registry_metric AS m
    (run_id, key, latest_value, latest_step, latest_timestamp_ms, min_value, max_value)
SELECT r.id, new.key, new.value, new.step, new.at, new.least, new.greatest
FROM r, unnest(%(keys)s::text[], %(values)s::float8[], %(steps)s::int8[],
     %(times)s::int8[], %(least)s::float8[], %(greatest)s::float8[])
     AS new (key, value, step, at, least, greatest)
ORDER BY new.key
ON CONFLICT (run_id, key) DO UPDATE SET
    latest_value = CASE WHEN {IS_NEWER} THEN excluded.latest_value ELSE m.latest_value END,
    latest_step = CASE WHEN {IS_NEWER} THEN excluded.latest_step ELSE m.latest_step END,
    latest_timestamp_ms = CASE WHEN {IS_NEWER}
        THEN excluded.latest_timestamp_ms ELSE m.latest_timestamp_ms END,
    min_value = least(m.min_value, excluded.min_value),
    max_value = greatest(m.max_value, excluded.max_value)
RETURNING m.key, m.id, m.latest_value
"""  # noqa: S608 (made of constants)
INSERT_POINTS = """
INSERT INTO registry_metricpoint (metric_id, step, timestamp_ms, value)
SELECT m.id, new.step, new.at, new.value
FROM m JOIN unnest(%(all_keys)s::text[], %(all_steps)s::int8[], %(all_times)s::int8[],
                   %(all_values)s::float8[])
    AS new (key, step, at, value) ON new.key = m.key
{on_conflict}
"""
# The latest accuracy and loss are repeated on the run; an accuracy beyond 0 to 1 is not.
SET_COLUMNS = """
UPDATE registry_trainingrun t SET
    accuracy = CASE WHEN n.has_accuracy THEN n.accuracy ELSE t.accuracy END,
    loss = CASE WHEN n.has_loss THEN n.loss ELSE t.loss END
FROM r, (SELECT bool_or(key = 'accuracy') AS has_accuracy, bool_or(key = 'loss') AS has_loss,
         max(latest_value) FILTER (WHERE key = 'accuracy' AND latest_value BETWEEN 0 AND 1) AS accuracy,
         max(latest_value) FILTER (WHERE key = 'loss') AS loss FROM m) AS n
WHERE t.id = r.id
"""
COLUMNS = ("accuracy", "loss")
IS_OPEN = "r.status NOT IN ('FINISHED', 'FAILED', 'KILLED')"


TYPES = PERMISSION_TYPES | {
    "run_id": "uuid", "keys": "text[]", "values": "float8[]", "steps": "int8[]", "times": "int8[]",
    "least": "float8[]", "greatest": "float8[]", "all_keys": "text[]", "all_values": "float8[]",
    "all_steps": "int8[]", "all_times": "int8[]",
}  # fmt: skip


@cache
def log_statement(permission: str, *, is_open: bool, has_columns: bool, takes_repeats: bool) -> Prepared:
    """The statement; it returns the keys of the metrics, nothing where there is no such run.

    Args:
        permission: a condition on the experiment ``e``.
        is_open: leave runs alone that have ended.
        has_columns: one of the metrics is repeated on the run. Their writers take turns, others need not.
        takes_repeats: leave points alone that are there already, instead of failing on the first.
    """
    condition = f"{permission} AND {IS_OPEN}" if is_open else permission
    parts = [
        FIND.format(condition=condition, lock="NO KEY UPDATE" if has_columns else "SHARE"),
        f"m AS ({UPSERT})",
        f"p AS ({INSERT_POINTS.format(on_conflict='ON CONFLICT DO NOTHING' if takes_repeats else '')})",
    ]
    if has_columns:
        parts.append(f"c AS ({SET_COLUMNS})")
    sql = f"{', '.join(parts)} SELECT key FROM m"  # noqa: S608 (made of constants)
    return Prepared("log_metrics", sql, TYPES)
