"""The last part of a statement on runs: what each run of ``page`` is and has logged, lists as JSON text.

PostgreSQL writes the JSON: 100 runs of 10 metrics, 10 params and 5 tags take 6 ms so, of which the page
itself takes 1 (as arrays, made into JSON here: 7 ms; as ``json_build_object``: 9 ms).
"""

from dataclasses import dataclass

COLUMNS = """r.id, r.run_id, r.experiment_id, r.name, r.status, r.lifecycle, r.started_at, r.ended_at,
    r.created_by_id, r.dataset_id"""

DATASETS = """
SELECT json_agg(json_build_object('tags', x.tags, 'dataset', json_strip_nulls(json_build_object(
    'name', coalesce(nullif(d.given_name, ''), d.name), 'digest', d.digest, 'source_type', d.source_type,
    'source', d.source, 'schema', nullif(d.schema #>> '{}', '{}'),
    'profile', nullif(d.profile, '')))) ORDER BY x.at)::text
FROM (
    SELECT i.dataset_id, i.id AS at, CASE
        WHEN i.context = '' OR i.tags @> '[{"key": "mlflow.data.context"}]' THEN i.tags
        ELSE jsonb_build_array(jsonb_build_object('key', 'mlflow.data.context', 'value', i.context)) || i.tags
        END AS tags
    FROM registry_runinput i WHERE i.run_id = r.id
    UNION ALL
    SELECT r.dataset_id, 0, '[]' WHERE r.dataset_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM registry_runinput i WHERE i.run_id = r.id AND i.dataset_id = r.dataset_id)
) x JOIN registry_dataset d ON d.id = x.dataset_id
"""
MODELS = """
SELECT json_agg(json_strip_nulls(json_build_object(
    'model_id', 'm-' || replace(m.model_id::text, '-', ''),
    'step', CASE WHEN x.role = 'output' THEN x.step END)) ORDER BY x.step, x.id)::text
FROM registry_runmodel x JOIN registry_loggedmodel m ON m.id = x.model_id
WHERE x.run_id = r.id AND x.role = """

ROWS = f"""
SELECT replace(r.run_id::text, '-', ''), e.experiment_id, r.name, coalesce(u.username, ''), r.status,
    CASE WHEN e.lifecycle = 'active' THEN r.lifecycle ELSE 'deleted' END,
    round(extract(epoch FROM r.started_at) * 1000)::int8,
    round(extract(epoch FROM r.ended_at) * 1000)::int8,
    (SELECT json_agg(x)::text FROM (SELECT key, latest_value AS value, latest_timestamp_ms AS timestamp,
        latest_step AS step FROM registry_metric WHERE run_id = r.id) x),
    (SELECT json_agg(x)::text FROM (
        SELECT key, value FROM registry_param WHERE run_id = r.id) x),
    (SELECT json_agg(x)::text FROM (
        SELECT key, value FROM registry_runtag WHERE run_id = r.id) x),
    CASE WHEN r.dataset_id IS NOT NULL OR EXISTS (SELECT 1 FROM registry_runinput i WHERE i.run_id = r.id)
        THEN ({DATASETS}) END,
    CASE WHEN l.has_models THEN ({MODELS} 'input') END, CASE WHEN l.has_models THEN ({MODELS} 'output') END
"""  # noqa: S608 (made of constants)
FROM = """
FROM page r JOIN registry_experiment e ON e.id = r.experiment_id
LEFT JOIN auth_user u ON u.id = r.created_by_id
CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM registry_runmodel l WHERE l.run_id = r.id) AS has_models) l
"""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run with all that it logged; lists are JSON as MLflow has it, None where there is nothing.

    Attributes:
        metrics: the latest value of each, with its timestamp in milliseconds and its step.
    """

    run_id: str
    experiment_id: str
    name: str
    username: str
    status: str
    lifecycle: str
    started_ms: int
    ended_ms: int | None
    metrics: str | None
    params: str | None
    tags: str | None
    dataset_inputs: str | None
    model_inputs: str | None
    model_outputs: str | None
