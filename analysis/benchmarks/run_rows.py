"""Experiments, datasets and runs by plain SQL, for benchmarks at volume: nothing of them in another store."""

from django.db.backends.utils import CursorWrapper

DATASETS = 20
FILL = """
INSERT INTO registry_experiment (experiment_id, name, description, lifecycle, artifact_location, version,
    body_version, created_at, updated_at)
SELECT md5('e' || n), 'experiment-' || n, '', 'active', '', 1, 1, now(), now()
FROM generate_series(1, %(experiments)s) n;
INSERT INTO registry_dataset (name, given_name, digest, row_count, feature_count, lifecycle, source_type,
    source, profile, description, schema, version, created_at)
SELECT 'dataset-' || n, '', md5('d' || n), 100, 4, 'active', '', '', '', '', '{}', 1, now()
FROM generate_series(1, %(datasets)s) n;
INSERT INTO registry_trainingrun (run_id, experiment_id, dataset_id, name, model_name, framework, status,
    lifecycle, accuracy, loss, duration_seconds, started_at, ended_at, failure_reason, version, body_version,
    body_bytes, created_at, updated_at)
SELECT md5('r' || n)::uuid, (SELECT min(id) FROM registry_experiment) + n %% %(experiments)s,
    (SELECT min(id) FROM registry_dataset) + n %% %(datasets)s, 'run-' || n, 'model-' || n %% 20, 'pytorch',
    'FINISHED', 'active', random(), random(), 60, now() - n * interval '1 minute', now(), '', %(version)s,
    %(body_version)s, 0, now(), now()
FROM generate_series(1, %(runs)s) n;
"""


def fill_runs(
    cursor: CursorWrapper, *, runs: int, experiments: int, version: int = 1, body_version: int = 0
) -> None:
    """Finished runs, spread over the experiments and twenty datasets."""
    named = {"runs": runs, "experiments": experiments, "version": version, "body_version": body_version}
    cursor.execute(FILL, {**named, "datasets": DATASETS})
