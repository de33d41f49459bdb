"""Metrics of logged models: values that a model scored in a run, perhaps on a dataset."""

from collections.abc import Sequence
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import connection, transaction

from registry.exceptions import NotFoundError
from registry.fields import HEX_ID
from registry.models import ExperimentPermission
from registry.queries.permission_sql import permission_sql

from .names import checked_text

EDIT = ExperimentPermission.Level.EDIT

# Repeated, it changes nothing; it returns the models that there are.
STORE = """
WITH new AS (
    SELECT * FROM unnest(%(models)s::uuid[], %(keys)s::text[], %(values)s::float8[], %(steps)s::int8[],
        %(times)s::int8[], %(names)s::text[], %(digests)s::text[])
        AS new (model_id, key, value, step, at, dataset_name, dataset_digest)
), m AS (
    SELECT g.id, g.model_id FROM registry_loggedmodel g JOIN registry_experiment e ON e.id = g.experiment_id
    WHERE g.model_id = ANY(%(models)s::uuid[]) AND g.lifecycle = 'active' AND {may}
    FOR KEY SHARE OF g
), stored AS (
    INSERT INTO registry_loggedmodelmetric
        (model_id, run_id, key, value, step, timestamp_ms, dataset_name, dataset_digest)
    SELECT m.id, r.id, new.key, new.value, new.step, new.at, new.dataset_name, new.dataset_digest
    FROM new JOIN m USING (model_id) JOIN registry_trainingrun r ON r.run_id = %(run_id)s::uuid
    ON CONFLICT DO NOTHING
)
SELECT replace(model_id::text, '-', '') FROM m
"""


class ModelMetric(NamedTuple):
    """One value to record; ``model_id`` as our column has it, dataset texts empty where there is none."""

    model_id: str
    key: str
    value: float
    step: int
    timestamp_ms: int
    dataset_name: str = ""
    dataset_digest: str = ""


def record_model_metrics(*, run_id: str, metrics: Sequence[ModelMetric], editor: User | None = None) -> None:
    """Record what logged models scored in a run, which the caller has checked; one statement.

    Args:
        editor: who must be allowed to edit the models' experiments; None where that was asked before.

    Raises:
        NotFoundError: a model is not there, or none that the editor may change. Nothing was recorded.
        BadInputError: a dataset's name or digest can't be stored.
    """
    if not metrics:
        return
    wanted = {metric.model_id for metric in metrics}
    if bad := next((each for each in wanted if not HEX_ID.fullmatch(each)), None):
        raise _missing(bad)
    may, values = ("true", {}) if editor is None else permission_sql(editor, EDIT)
    values |= {
        "run_id": run_id,
        "models": [metric.model_id for metric in metrics],
        "keys": [metric.key for metric in metrics],
        "values": [float(metric.value) for metric in metrics],
        "steps": [metric.step for metric in metrics],
        "times": [metric.timestamp_ms for metric in metrics],
        "names": [checked_text(each.dataset_name, what="The dataset's name", limit=500) for each in metrics],
        "digests": [checked_text(each.dataset_digest, what="The digest", limit=64) for each in metrics],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STORE.format(may=may), values)
        if lost := wanted - {row[0] for row in cursor.fetchall()}:
            raise _missing(min(lost))


def _missing(model_id: str) -> NotFoundError:
    return NotFoundError(f"Logged model with ID 'm-{model_id[:100]}' not found.")
