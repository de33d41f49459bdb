"""Runs that one may want to add."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q

from analysis.queries.search.asked import id_beginning, ids_beginning
from registry.models import TrainingRun
from registry.queries.permissions import visible_to

from .runs import ComparedRun

MOST = 12


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A run to tick."""

    run_id: str
    name: str
    experiment: str
    model: str
    status: str
    accuracy: float | None
    loss: float | None
    started_at: dt.datetime


def suggestions(find: str, *, beside: Sequence[ComparedRun], viewer: User) -> list[Suggestion]:
    """At most 12 runs that are not in the comparison yet, the newest first (one statement).

    Args:
        find: Part of a name, or the beginning of an id; empty for the newest runs of the first run's
            experiment, or of all experiments where there is no run yet.
        beside: The runs of the comparison.
    """
    runs = TrainingRun.objects.active().filter(visible_to(viewer, experiment="experiment"))
    runs = runs.exclude(pk__in=[run.pk for run in beside])
    if find.strip():
        runs = runs.filter(_matches(find.strip()))
    elif beside:
        runs = runs.filter(experiment__name=beside[0].experiment)
    rows = runs.order_by("-started_at", "-pk").values_list(
        "run_id", "name", "experiment__name", "model_name", "status", "accuracy", "loss", "started_at"
    )
    found: Any = rows[:MOST]
    return [Suggestion(*row) for row in found]


def _matches(find: str) -> Q:
    named = Q(name__icontains=find) | Q(model_name__icontains=find)
    digits = id_beginning(find)
    if not digits:
        return named
    least, greatest = ids_beginning(digits)
    return named | Q(run_id__gte=least, run_id__lte=greatest)
