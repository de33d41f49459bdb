"""Actions on chosen experiments."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect

from registry.models import Experiment
from registry.queries.best_runs import best_run_ids
from registry.queries.permissions import LIFECYCLE_LEVEL, authorize
from registry.services.experiments import delete_experiment, restore_experiment

from .actions import MOST_IN_AN_ADDRESS, comparison_of
from .base import acting_user
from .changes import change_each

BEST_OF_ONE = 5


@admin.action(description="Archive the chosen experiments", permissions=["archive"])
def archive(model_admin: Any, request: HttpRequest, experiments: QuerySet[Experiment]) -> None:
    """Move experiments to the bin."""
    _change(model_admin, request, experiments, delete_experiment, "archived")


@admin.action(description="Restore the chosen experiments", permissions=["archive"])
def restore(model_admin: Any, request: HttpRequest, experiments: QuerySet[Experiment]) -> None:
    """Take experiments out of the bin."""
    _change(model_admin, request, experiments, restore_experiment, "restored")


@admin.action(description="Compare their best runs", permissions=["view"])
def compare_best(
    model_admin: Any, request: HttpRequest, experiments: QuerySet[Experiment]
) -> HttpResponseRedirect | None:
    """The best run by accuracy of each, or the best five of one, on the comparison page of the site."""
    chosen = list(experiments[:MOST_IN_AN_ADDRESS].values_list("pk", flat=True))
    ids = best_run_ids(experiments=chosen, of_each=BEST_OF_ONE if len(chosen) == 1 else 1)
    if ids:
        return HttpResponseRedirect(comparison_of(ids))
    told = "No finished run of them has an accuracy yet. Log one, or compare runs from their own list."
    model_admin.message_user(request, told, messages.WARNING)
    return None


def _change(
    model_admin: Any, request: HttpRequest, experiments: QuerySet[Experiment], change: Any, word: str
) -> None:
    user = acting_user(request)

    def change_one(experiment: Experiment) -> None:
        authorize(user=user, level=LIFECYCLE_LEVEL, experiment=experiment)
        change(name=experiment.name)

    change_each(model_admin, request, experiments, change_one, done=word)
