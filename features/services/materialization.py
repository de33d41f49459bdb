"""Bringing the newest offline values to Redis: what is new since the last pass, or everything."""

import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Greatest
from django.utils import timezone

from features.models import FeatureView, Materialization
from features.online.whole import is_whole
from features.queries.offline_windows import WindowRow, count_window, current_snapshot, window_rows
from features.queries.view_schemas import view_schema
from features.view_schema import ViewSchema
from registry.exceptions import NotFoundError
from registry.postgres.one_at_a_time import one_at_a_time

from .online_features import OnlineRow, write_online_features

LOCK = 0x66656174  # "feat": with the view's id, one pass a view at a time
CHUNK = 5_000
KEPT_PASSES = 100


@dataclass(frozen=True)
class Progress:
    """``done`` of the ``total`` entities that a run began with; ``written`` were newer than Redis had."""

    done: int
    total: int
    written: int


def views_to_materialize(*, name: str | None = None, version: int | None = None) -> list[FeatureView]:
    """The active views, or one view, or one version of it (one statement).

    Raises:
        NotFoundError: there is none such.
    """
    wanted = Q(is_active=True) if version is None else Q(version=version)
    if name is not None:
        wanted &= Q(name=name)
    found = list(FeatureView.objects.filter(wanted).order_by("name"))
    if name is not None and not found:
        called = "active version" if version is None else f"version {version}"
        raise NotFoundError(f"The feature view {name} has no {called}.")
    return found


def materialize(
    *, view: FeatureView, until: dt.datetime | None = None, full: bool = False
) -> Iterator[Progress]:
    """Write each entity's newest values up to a time to Redis; yields after each chunk that is written.

    A run that died is gone on with first, from the entity it had reached. What stands in Redis is
    replaced by newer events only, so repeats do no harm. A store that was emptied has everything brought.

    Args:
        until: event times up to here; by default now.
        full: everything, not what came since the last run.

    Raises:
        ConflictError: another run is at work on the view.
        StoreUnavailableError: Redis is away or full; the next run goes on here.
        BadInputError: the history has values that are not of the view's types.
    """
    with _alone(view):
        schema = view_schema(view.name, version=view.version)
        is_full = full or not is_whole()
        steps = _steps(view, until or timezone.now(), full=is_full)
        totals = [count_window(step) for step in steps]
        done, written = 0, 0
        yield Progress(0, sum(totals), 0)
        for step in steps:
            for seen, newer in _pass(step, schema):
                done, written = done + seen, written + newer
                yield Progress(done, sum(totals), written)


def _steps(view: FeatureView, until: dt.datetime, *, full: bool) -> list[Materialization]:
    """The pass that a run before left open, and this run's."""
    passes = Materialization.objects.filter(view=view)
    if full:
        passes.filter(ended_at=None).delete()
    left = passes.filter(ended_at=None).first()
    last = left or passes.first()
    step = Materialization(view=view, until=until, snapshot=current_snapshot())
    if last is not None and not full:
        step.since, step.seen = last.until, last.snapshot
        step.until = max(until, last.until)
    return [step] if left is None else [left, step]


def _pass(step: Materialization, schema: ViewSchema) -> Iterator[tuple[int, int]]:
    """One pass from where it stands; yields how many entities a chunk had, and how many were newer."""
    step.save()
    while rows := window_rows(step, schema, limit=CHUNK):
        newer = write_online_features(view=schema, rows=[_online(schema, row) for row in rows])
        step.position, step.entities = rows[-1].entity_key, step.entities + len(rows)
        step.save(update_fields=["position", "entities"])
        yield len(rows), newer
    _end(step)


def _online(schema: ViewSchema, row: WindowRow) -> OnlineRow:
    values = dict(zip(schema.names, row.values, strict=True))
    return OnlineRow(row.entity_key, row.event_at, values, row.written_at)


def _end(step: Materialization) -> None:
    with transaction.atomic():
        step.ended_at = timezone.now()
        step.save(update_fields=["ended_at"])
        until = Greatest("materialized_until", step.until)  # never back: Redis has the newer rows still
        FeatureView.objects.filter(pk=step.view_id).update(materialized_until=until)
        passes = Materialization.objects.filter(view=step.view_id)
        kept = list(passes.values_list("pk", flat=True)[:KEPT_PASSES])
        passes.exclude(pk__in=kept).delete()


def _alone(view: FeatureView) -> AbstractContextManager[None]:
    otherwise = f"Another run materialises {view}. Wait until it has ended."
    return one_at_a_time((LOCK, view.pk), otherwise=otherwise)
