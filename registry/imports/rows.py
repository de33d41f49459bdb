"""Rows of a batch of runs: few statements, whatever the number of runs; points by binary COPY."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from registry.acting import actor
from registry.models import AuditEntry, TrainingRun
from registry.models.param import number_in
from registry.postgres.copying import copy

from .histories import History, copies
from .prepared import PreparedRun

PARAMS = """
INSERT INTO registry_param (run_id, key, value, value_number)
SELECT * FROM unnest(%s::int8[], %s::text[], %s::text[], %s::float8[])
"""
TAGS = """
INSERT INTO registry_runtag (run_id, key, value) SELECT * FROM unnest(%s::int8[], %s::text[], %s::text[])
"""
METRICS = """
INSERT INTO registry_metric
    (run_id, key, latest_value, latest_step, latest_timestamp_ms, min_value, max_value)
SELECT * FROM unnest(%s::int8[], %s::text[], %s::float8[], %s::int8[], %s::int8[], %s::float8[], %s::float8[])
RETURNING run_id, key, id
"""
COPY = "COPY registry_metricpoint (metric_id, step, timestamp_ms, value) FROM STDIN BINARY"


def insert_runs(runs: Sequence[PreparedRun]) -> None:
    """Their rows; each gets its primary key."""
    TrainingRun.objects.bulk_create([run.row for run in runs])
    AuditEntry.objects.bulk_create(
        AuditEntry(action="run.import", subject_type="run", subject_id=run.row.run_id, **actor().signature)
        for run in runs
    )


def insert_texts(runs: Sequence[PreparedRun]) -> None:
    """Params and tags (two statements)."""
    params = [(run.row.pk, key, text, number_in(text)) for run in runs for key, text in run.texts.items()]
    tags = [(run.row.pk, pair["k"], pair["v"]) for run in runs for pair in run.tags]
    _unnested(PARAMS, params)
    _unnested(TAGS, tags)


def insert_histories(runs: Sequence[PreparedRun]) -> None:
    """Metrics, then their points by COPY."""
    by_name = {(run.row.pk, history.key): history for run in runs for history in run.histories}
    rows = []
    for (pk, _), history in by_name.items():
        key, value, step, at, least, greatest = history.summary()
        rows.append((pk, key, value, step, at, least, greatest))
    made: Iterable[tuple[int, History]] = [
        (metric_id, by_name[pk, key]) for pk, key, metric_id in _unnested(METRICS, rows, is_asked=True)
    ]
    for file in copies(made):
        copy(COPY, file)


def _unnested(sql: str, rows: Sequence[Sequence[Any]], *, is_asked: bool = False) -> list[Any]:
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])
        return cursor.fetchall() if is_asked else []
