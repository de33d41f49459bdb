"""Rows of a platform that has been at work for years, made by PostgreSQL itself.

Ids are given, from 1,000 on, so that every table knows those of the others. The rare is old, as in
life: archived runs and failed versions are among the first rows, which is the worst case of a list that
reads the newest first.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fill:
    """One table: how many rows for so many runs and points, and the statement for a piece of them.

    Attributes:
        each: runs (or, with ``of_points``, points) to one step of ``n``.
        sql: for ``n`` from ``%(low)s`` to ``%(high)s``; ``{n}`` is the series.
    """

    table: str
    each: int
    sql: str
    of_points: bool = False
    rows: int = 1


SERIES = "generate_series(%(low)s, %(high)s) n"
FILLS = (
    Fill("auth_user", 1_000, """
INSERT INTO auth_user (id, username, password, is_superuser, first_name, last_name, email, is_staff,
    is_active, date_joined)
SELECT 1000 + n, 'user-' || n, '!', false, '', '', '', false, true, now() FROM {n}"""),
    Fill("registry_experiment", 1_000, """
INSERT INTO registry_experiment (id, experiment_id, name, description, lifecycle, artifact_location, version,
    body_version, created_by_id, created_at, updated_at, deleted_at)
SELECT 1000 + n, md5('e' || n), 'experiment-' || n, '', CASE n %% 50 WHEN 0 THEN 'deleted' ELSE 'active' END,
    '', 1, 1, 1000 + 1 + n %% %(users)s, now(), now(), CASE n %% 50 WHEN 0 THEN now() END FROM {n}"""),
    Fill("registry_experimentpermission", 1_000, """
INSERT INTO registry_experimentpermission (id, experiment_id, user_id, level)
SELECT 1000 + n, 1000 + n, 1000 + 1 + (n + 7) %% %(users)s,
    (ARRAY['READ', 'EDIT', 'MANAGE', 'NO_PERMISSIONS'])[1 + n %% 4] FROM {n}"""),
    Fill("registry_dataset", 1_000, """
INSERT INTO registry_dataset (id, name, given_name, digest, row_count, feature_count, lifecycle, source_type,
    source, profile, description, schema, version, created_at)
SELECT 1000 + n, 'dataset-' || n, '', md5('d' || n), 100, 4, 'active', '', '', '', '', '{{}}', 1, now()
FROM {n}"""),
    Fill("registry_trainingrun", 1, """
INSERT INTO registry_trainingrun (id, run_id, experiment_id, dataset_id, name, model_name, framework, status,
    lifecycle, deleted_at, accuracy, loss, duration_seconds, started_at, ended_at, failure_reason, version,
    body_version, body_bytes, created_by_id, created_at, updated_at)
SELECT 1000 + n, md5('r' || n)::uuid, 1000 + 1 + n %% %(thousandths)s, 1000 + 1 + n %% %(thousandths)s,
    'run-' || n, 'model-' || n %% 200, (ARRAY['pytorch', 'scikit-learn', 'xgboost'])[1 + n %% 3],
    CASE WHEN n <= %(rare)s THEN 'KILLED' WHEN n %% 20 = 0 THEN 'FAILED' ELSE 'FINISHED' END,
    CASE WHEN n <= %(rare)s THEN 'deleted' ELSE 'active' END, CASE WHEN n <= %(rare)s THEN now() END,
    random(), random(), 60, now() - (%(runs)s - n) * interval '1 minute', now(), '', 1, 1, 0,
    1000 + 1 + n %% %(users)s, now(), now() FROM {n}"""),
    Fill("registry_param", 1, """
INSERT INTO registry_param (id, run_id, key, value, value_number)
SELECT 1000 + n * 4 + k, 1000 + n, 'param.' || k, n * k %% 1000, n * k %% 1000
FROM {n}, generate_series(0, 3) k""", rows=4),
    Fill("registry_runtag", 1, """
INSERT INTO registry_runtag (id, run_id, key, value)
SELECT 1000 + n, 1000 + n, 'team', 'team-' || n %% 50 FROM {n}"""),
    Fill("registry_metric", 1, """
INSERT INTO registry_metric (id, run_id, key, latest_value, latest_step, latest_timestamp_ms, min_value,
    max_value)
SELECT 1000 + n * 4 + k, 1000 + n, 'metric_' || k, random(), 9, 0, 0, 1
FROM {n}, generate_series(0, 3) k""", rows=4),
    Fill("registry_metricpoint", 1_000, """
INSERT INTO registry_metricpoint (metric_id, step, timestamp_ms, value)
SELECT 1000 + n * 4, s, s, random() FROM {n}, generate_series(1, 1000) s""", of_points=True, rows=1_000),
    Fill("registry_artifact", 1, """
INSERT INTO registry_artifact (id, run_id, path, size_bytes, sha256, media_type, created_at)
SELECT 1000 + n, 1000 + n, 'model/model-' || n || '.bin', 1000, md5('a' || n) || md5('b' || n),
    'application/octet-stream', now() FROM {n}"""),
    Fill("registry_loggedmodel", 10, """
INSERT INTO registry_loggedmodel (id, model_id, experiment_id, source_run_id, name, model_type, status,
    status_message, lifecycle, created_at, updated_at)
SELECT 1000 + n, md5('m' || n)::uuid, 1000 + 1 + n %% %(thousandths)s, 1000 + n * 10, 'model-' || n, '',
    CASE WHEN n <= 20 THEN 'FAILED' ELSE 'READY' END, '', 'active', now(), now() FROM {n}"""),
    Fill("registry_registeredmodel", 1_000, """
INSERT INTO registry_registeredmodel (id, name, last_number, description, created_at, updated_at)
SELECT 1000 + n, 'registered-' || n, 20, '', now(), now() FROM {n}"""),
    Fill("registry_modelversion", 50, """
INSERT INTO registry_modelversion (id, model_id, number, run_id, logged_model_id, artifact_path, source,
    run_link, description, stage, status, status_message, created_at, updated_at)
SELECT 1000 + n, 1000 + 1 + (n - 1) / 20, 1 + (n - 1) %% 20, 1000 + n * 50, 1000 + n * 5, 'model', '', '', '',
    CASE n %% 20 WHEN 0 THEN 'Production' ELSE 'None' END,
    CASE WHEN n <= 20 THEN 'FAILED_REGISTRATION' ELSE 'READY' END, '', now(), now() FROM {n}"""),
    Fill("registry_deployment", 100, """
INSERT INTO registry_deployment (id, deployment_id, model_id, version_id, environment, endpoint, status,
    created_at, updated_at)
SELECT 1000 + n, md5('p' || n)::uuid, 1000 + 1 + (n * 2 - 1) / 20, 1000 + n * 2, 'staging', '', 'retired',
    now(), now() FROM {n}"""),
    Fill("registry_deploymentevent", 100, """
INSERT INTO registry_deploymentevent (id, deployment_id, status, note, at)
SELECT 1000 + n * 3 + k, 1000 + n, 'live', '', now() FROM {n}, generate_series(0, 2) k""", rows=3),
    Fill("registry_apitoken", 1_000, """
INSERT INTO registry_apitoken (id, user_id, name, prefix, sha256, scopes, expires_at, created_at)
SELECT 1000 + n, 1000 + n, 'token', 'mlp_' || n, decode(md5('t' || n) || md5('u' || n), 'hex'), '{{read}}',
    now() + interval '1 year', now() FROM {n}"""),
    Fill("registry_outboxentry", 20, """
INSERT INTO registry_outboxentry (id, target, topic, aggregate_id, document_id, aggregate_version, attempts,
    status, last_error)
SELECT 1000 + n, 1, 'runs', md5('r' || n), md5('r' || n), 1, 0, CASE WHEN n <= 20 THEN 2 ELSE 0 END, ''
FROM {n}"""),
    Fill("registry_auditentry", 1, """
INSERT INTO registry_auditentry (id, user_id, username, channel, token_prefix, action, subject_type,
    subject_id, details)
SELECT 1000 + n * 2 + k, 1000 + 1 + n %% %(users)s, 'user-' || n %% %(users)s,
    CASE WHEN n <= %(rare)s THEN 'command' ELSE 'api' END, '', 'run.start',
    CASE WHEN n <= %(rare)s THEN 'token' ELSE 'run' END, md5('r' || n), '{{}}'
FROM {n}, generate_series(0, 1) k""", rows=2),
    Fill("registry_saga", 100, """
INSERT INTO registry_saga (id, saga_id, kind, aggregate_id, state, data, attempts, last_error, version,
    created_at, updated_at)
SELECT 1000 + n, md5('s' || n)::uuid, 'purge', md5('r' || n), CASE WHEN n <= 20 THEN 'stuck' ELSE 'done' END,
    '{{}}', 0, '', 1, now(), now() FROM {n}"""),
    Fill("registry_sagastep", 100, """
INSERT INTO registry_sagastep (id, saga_id, position, name, state, attempts, last_error, updated_at)
SELECT 1000 + n * 4 + k, 1000 + n, k, 'step', 'done', 1, '', now()
FROM {n}, generate_series(0, 3) k""", rows=4),
    Fill("django_admin_log", 10, """
INSERT INTO django_admin_log (id, action_time, object_id, object_repr, action_flag, change_message,
    content_type_id, user_id)
SELECT 1000 + n, now(), 1000 + n, 'run-' || n, 2, '[]',
    (SELECT id FROM django_content_type WHERE model = 'trainingrun'), 1000 + 1 + n %% %(users)s FROM {n}"""),
    Fill("features_city", 100, """
INSERT INTO features_city (id, geonames_id, country_id, name, latitude, longitude, population)
SELECT 1000 + n, n, 999, 'City ' || n, 0, 0, 1 FROM {n}"""),
    Fill("features_address", 10, """
INSERT INTO features_address (id, city_id, street, postal_code, is_synthetic)
SELECT 1000 + n, 1000 + 1 + n %% %(hundredths)s, n || ' Long Street', '1000', true FROM {n}"""),
    Fill("features_customer", 10, """
INSERT INTO features_customer (id, customer_id, name, email, address_id, joined_at, is_synthetic)
SELECT 1000 + n, n, 'Customer ' || n, n || '@example.org', 1000 + n, now(), n > 20 FROM {n}"""),
    Fill("features_purchase", 10, """
INSERT INTO features_purchase (id, customer_id, purchased_at, quantity, amount)
SELECT 1000 + n * 10 + k, 1000 + n, now() - n * interval '1 minute', 1, 9.99
FROM {n}, generate_series(0, 9) k""", rows=10),
    Fill("features_featurevalue", 10, """
INSERT INTO features_featurevalue (id, view_id, entity_key, event_at, created_at, values)
SELECT 1000 + n * 10 + k, 999, n, now() - k * interval '1 month', now(), '[1, 2]'
FROM {n}, generate_series(0, 9) k""", rows=10),
    Fill("features_materialization", 1_000, """
INSERT INTO features_materialization (id, view_id, until, seen, snapshot, position, entities, started_at,
    ended_at)
SELECT 1000 + n, 999, now(), '', '1:1:', '', 100, now() - interval '1 minute', now() FROM {n}"""),
)  # fmt: skip
FIRST = """
INSERT INTO features_country (id, code, name) VALUES (999, 'CH', 'Switzerland');
INSERT INTO features_entity (id, name, join_keys, description) VALUES (999, 'customer', '{customer_id}', '');
INSERT INTO features_featureview (id, name, version, entity_id, owner, description, is_active, source_digest,
    created_at) VALUES (999, 'spending', 1, 999, '', '', true, '', now());
INSERT INTO features_feature (id, view_id, name, value_type, position, description)
VALUES (999, 999, 'sum', 'float', 0, ''), (1000, 999, 'count', 'int', 1, '');
INSERT INTO registry_reconcilereport (id, ended_at, is_deep, is_repair, found, mended, unchecked, result)
VALUES (999, now(), false, false, 0, 0, 0, '{}');
"""
