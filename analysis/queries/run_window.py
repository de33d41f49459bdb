"""Consecutive runs of the runs table, by keyset."""

from dataclasses import dataclass

from django.db.models import F

from analysis.queries.cursors import Cursor, dumped
from analysis.queries.keyset import Order, beyond
from analysis.queries.run_sorting import Sorting
from registry.models import TrainingRun
from registry.models.run import RunQuerySet


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive runs, and whether there are runs before and behind them."""

    runs: list[TrainingRun]
    has_previous: bool
    has_next: bool


def window_at(runs: RunQuerySet, orders: list[Order], place: Cursor | None, size: int) -> Window:
    """At most ``size`` runs behind or before the place, or the first ones (one or two statements).

    Going back past the beginning gives the first ones too, so that no page is half empty.
    """
    if place is None or len(place.values) != len(orders) - 1:
        found = _ordered(runs, orders, is_backwards=False, size=size)
        return Window(found[:size], has_previous=False, has_next=len(found) > size)
    pk = TrainingRun.objects.filter(run_id=place.run_id).values_list("pk", flat=True).first()
    # A run that was purged meanwhile leaves its values, which still mark the place.
    runs_there = runs.filter(beyond(orders, (*place.values, pk), is_backwards=place.is_backwards))
    found = _ordered(runs_there, orders, is_backwards=place.is_backwards, size=size)
    has_more = len(found) > size
    if not place.is_backwards:
        return Window(found[:size], has_previous=bool(found), has_next=has_more)
    if not has_more:
        return window_at(runs, orders, None, size)
    return Window(found[:size][::-1], has_previous=True, has_next=True)


def _ordered(runs: RunQuerySet, orders: list[Order], *, is_backwards: bool, size: int) -> list[TrainingRun]:
    ordered = runs.order_by(*(order.expression(is_backwards=is_backwards) for order in orders))
    values = {f"sorted_by_{place}": F(order.path) for place, order in enumerate(orders[:-1])}
    return list(ordered.annotate(**values).select_related("experiment", "dataset")[: size + 1])


def cursor_text(run: TrainingRun, sorting: Sorting, orders: list[Order], *, is_backwards: bool) -> str:
    """What a link carries to show the runs behind a run of a window, or those before it."""
    values = tuple(getattr(run, f"sorted_by_{place}") for place in range(len(orders) - 1))
    return dumped(Cursor(values, run.run_id, is_backwards), sort=sorting.text)
