"""Actions on chosen runs."""

import csv
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.utils.http import urlencode

from registry.enums import ModelStage
from registry.exceptions import NotFoundError
from registry.formulas import guarded
from registry.models import ExperimentPermission, ModelVersion, TrainingRun
from registry.queries.model_permissions import require_stage_change
from registry.queries.model_versions import newest_versions_of
from registry.queries.permissions import run_for
from registry.services.model_versions import transition_stage
from registry.services.runs import delete_run, restore_alone

from .base import acting_user
from .changes import change_each

COLUMNS = (
    "run_id", "name", "experiment__name", "dataset__name", "model_name", "framework", "status",
    "accuracy", "loss", "duration_seconds", "started_at", "ended_at",
)  # fmt: skip
COMPARISON, EXPORT = "/compare/", "/runs/export"
"""Pages of the site: by path, for the record knows nothing of the packages above it."""
MOST_IN_AN_ADDRESS = 50


class _Echo:
    """csv writes here; the line goes straight to the client."""

    def write(self, line: str) -> str:
        return line


@admin.action(description="Archive the chosen runs", permissions=["archive"])
def archive(model_admin: Any, request: HttpRequest, runs: QuerySet[TrainingRun]) -> None:
    """Move runs to the bin."""
    _change(model_admin, request, runs, lambda run: delete_run(run_id=run.run_id), "archived")


@admin.action(description="Restore the chosen runs", permissions=["archive"])
def restore(model_admin: Any, request: HttpRequest, runs: QuerySet[TrainingRun]) -> None:
    """Take runs out of the bin; those of an experiment in the bin are refused: they would stay there."""
    _change(model_admin, request, runs, restore_alone, "restored")


@admin.action(description="Move their newest model version to Production", permissions=["promote"])
def promote(model_admin: Any, request: HttpRequest, runs: QuerySet[TrainingRun]) -> None:
    """What was in production goes to the archive; a run without a version is told apart."""
    user = acting_user(request)

    def change(run_id: str) -> None:
        run = run_for(user, run_id)
        versions = newest_versions_of(run)
        if not versions:
            raise NotFoundError(
                f"The run {run.name!r} has no model version. Register one of its models first."
            )
        for each in versions:
            move_to_production(user, each)

    change_each(model_admin, request, _ids(runs), change, done="promoted")


@admin.action(description="Compare the chosen runs", permissions=["view"])
def compare(model_admin: Any, request: HttpRequest, runs: QuerySet[TrainingRun]) -> HttpResponseRedirect:
    """The comparison page of the site, fifty runs at most."""
    ids = _ids(runs[: MOST_IN_AN_ADDRESS + 1])
    _tell_of_the_rest(model_admin, request, ids)
    return HttpResponseRedirect(comparison_of(ids[:MOST_IN_AN_ADDRESS]))


@admin.action(description="Export the chosen runs as CSV", permissions=["view"])
def export_csv(_admin: Any, _request: HttpRequest, runs: QuerySet[TrainingRun]) -> StreamingHttpResponse:
    """The runs' columns, however many; cells that a spreadsheet would run as a formula are quoted."""
    response = StreamingHttpResponse(_lines(runs), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="runs.csv"'
    return response


@admin.action(description="Export the chosen runs as JSON", permissions=["view"])
def export_json(model_admin: Any, request: HttpRequest, runs: QuerySet[TrainingRun]) -> HttpResponseRedirect:
    """The site's own export, fifty runs at most."""
    return _exported(model_admin, request, runs, "json")


@admin.action(description="Export the chosen runs as Parquet", permissions=["view"])
def export_parquet(
    model_admin: Any, request: HttpRequest, runs: QuerySet[TrainingRun]
) -> HttpResponseRedirect:
    """The site's own export, fifty runs at most."""
    return _exported(model_admin, request, runs, "parquet")


def move_to_production(user: User, version: ModelVersion) -> None:
    """Where the user may; what was in production goes to the archive."""
    asked: dict[str, Any] = {"model": version.model.name, "version": version.number}
    require_stage_change(user=user, **asked, archived_stage=ModelStage.PRODUCTION)
    transition_stage(**asked, stage=ModelStage.PRODUCTION)


def comparison_of(run_ids: list[str]) -> str:
    """The address of the comparison page with these runs."""
    return f"{COMPARISON}?{urlencode({'run': run_ids}, doseq=True)}"


def _exported(
    model_admin: Any, request: HttpRequest, runs: QuerySet[TrainingRun], kind: str
) -> HttpResponseRedirect:
    ids = _ids(runs[: MOST_IN_AN_ADDRESS + 1])
    _tell_of_the_rest(model_admin, request, ids)
    listed = ",".join(f"'{each}'" for each in ids[:MOST_IN_AN_ADDRESS])
    query = {"filter": f"run_id IN ({listed})", "lifecycle": "all", "format": kind}
    return HttpResponseRedirect(f"{EXPORT}?{urlencode(query)}")


def _tell_of_the_rest(model_admin: Any, request: HttpRequest, ids: list[str]) -> None:
    if len(ids) > MOST_IN_AN_ADDRESS:
        told = f"Only the first {MOST_IN_AN_ADDRESS} runs were taken. Choose fewer, or export them as CSV."
        model_admin.message_user(request, told, messages.WARNING)


def _change(
    model_admin: Any,
    request: HttpRequest,
    runs: QuerySet[TrainingRun],
    change: Callable[[TrainingRun], object],
    word: str,
) -> None:
    user = acting_user(request)

    def change_one(run_id: str) -> None:
        change(run_for(user, run_id, level=ExperimentPermission.Level.EDIT))

    change_each(model_admin, request, _ids(runs), change_one, done=word)


def _ids(runs: QuerySet[TrainingRun]) -> list[str]:
    return [str(each) for each in runs.values_list("run_id", flat=True)]


def _lines(runs: QuerySet[TrainingRun]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow([column.replace("__name", "") for column in COLUMNS])
    for row in runs.values_list(*COLUMNS).iterator(chunk_size=1_000):
        yield writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
