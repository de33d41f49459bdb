"""Logging metrics: the hot path. One statement a batch, whatever its size.

The statement finds the run (and whether the caller may edit it), upserts one ``Metric`` row a key
(latest, least and greatest value), which it locks, and inserts the points. Repeating a batch changes
nothing. Decision: docs/decisions/0002.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from psycopg2.errors import UniqueViolation

from registry import signals
from registry.exceptions import BadInputError
from registry.fields import HEX_ID
from registry.models import ExperimentPermission
from registry.postgres.prepared import Prepared, array, text_array
from registry.queries.permission_sql import permission_sql
from registry.queries.permissions import run_for
from registry.sync import run_body

from .metric_samples import MetricSample, metric_summaries
from .metric_statements import COLUMNS, log_statement
from .names import checked_key
from .run_rows import bump, latest_metrics, lock_run

INT64 = 2**63
MANY = 100
MAX_POINTS = 100_000
EDIT = ExperimentPermission.Level.EDIT


def log_metrics(*, run_id: str, points: Sequence[MetricSample], editor: User | None = None) -> None:
    """Log metric points of one run, all or none; a point that is already there is left alone.

    Args:
        run_id: an active run.
        points: values may be NaN or infinite; steps and timestamps (milliseconds) fit 64 bits.
        editor: who must be allowed to edit the run's experiment; None where that was asked before.

    Raises:
        NotFoundError: no such run, or none that the editor may know of.
        ForbiddenError: the editor may not edit it.
        ConflictError: the run is deleted.
        BadInputError: a key, value, step or timestamp can't be stored.
    """
    if not points:
        return
    _check(points)
    if HEX_ID.fullmatch(run_id) and _log(run_id, points, editor, is_open=True):
        signals.announce(signals.run_logged, run_id=run_id)
        return
    if editor is not None:
        run_for(editor, run_id, level=EDIT)
    with transaction.atomic():
        run = lock_run(run_id)
        _log(run_id, points, None, is_open=False)
        signals.announce(signals.run_logged, run_id=run_id)
        if run.is_ended:
            # What was told of the metrics when the run ended is no longer true.
            bump(run)
            run_body.promise_status(run=run, metrics=latest_metrics(run))


def _log(run_id: str, points: Sequence[MetricSample], editor: User | None, *, is_open: bool) -> bool:
    """False where there is no such run that may be logged into.

    A large batch is tried as new first, which is faster; where a point of it is there, it goes again.
    """
    statement, values = _statement(run_id, points, editor, is_open=is_open)
    with connection.cursor() as cursor:
        if len(points) >= MANY and not connection.in_atomic_block:
            try:
                statement(takes_repeats=False).execute(cursor, values)
            except IntegrityError as error:
                if not isinstance(error.__cause__, UniqueViolation):
                    raise
            else:
                return bool(cursor.rowcount)
        statement(takes_repeats=True).execute(cursor, values)
        return bool(cursor.rowcount)


def _statement(
    run_id: str, points: Sequence[MetricSample], editor: User | None, *, is_open: bool
) -> tuple[Callable[..., Prepared], dict[str, Any]]:
    summaries = metric_summaries(points)
    permission, values = ("true", {}) if editor is None else permission_sql(editor, EDIT)
    keys, numbers, steps, times = zip(*points, strict=True)
    values |= {
        "run_id": run_id,
        "keys": [summary.key for summary in summaries],
        "values": [summary.value for summary in summaries],
        "steps": [summary.step for summary in summaries],
        "times": [summary.timestamp_ms for summary in summaries],
        "least": [summary.least for summary in summaries],
        "greatest": [summary.greatest for summary in summaries],
        "all_keys": text_array(keys),
        "all_values": array(map(float, numbers)),
        "all_steps": array(map(int, steps)),
        "all_times": array(map(int, times)),
    }
    has_columns = any(summary.key in COLUMNS for summary in summaries)
    return partial(log_statement, permission, is_open=is_open, has_columns=has_columns), values


def _check(points: Sequence[MetricSample]) -> None:
    if len(points) > MAX_POINTS:
        raise BadInputError(f"{len(points):,} points in one batch; send at most {MAX_POINTS:,}.")
    keys, values, steps, times = zip(*points, strict=True)
    for key in set(keys):
        checked_key(key, what="The metric")
    if not set(map(type, values)) <= {float, int}:
        _refuse_no_numbers(points)
    if not (-INT64 <= min(steps) <= max(steps) < INT64 and -INT64 <= min(times) <= max(times) < INT64):
        raise BadInputError("A metric has a step or timestamp beyond 64 bits.")


def _refuse_no_numbers(points: Sequence[MetricSample]) -> None:
    for point in points:
        if isinstance(point.value, bool) or not isinstance(point.value, (int, float)):
            raise BadInputError(f"The metric {point.key!r} is {point.value!r}; it must be a number.")
