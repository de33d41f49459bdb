"""Actions on chosen runs."""

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from registry.exceptions import RegistryError
from registry.models import ExperimentPermission, TrainingRun
from registry.queries.permissions import run_for
from registry.services.runs import delete_run, restore_run

from .base import acting_user

COLUMNS = (
    "run_id", "name", "experiment__name", "dataset__name", "model_name", "framework", "status",
    "accuracy", "loss", "duration_seconds", "started_at", "ended_at",
)  # fmt: skip
RISKY_STARTS = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """csv writes here; the line goes straight to the client."""

    def write(self, line: str) -> str:
        return line


@admin.action(description="Archive the chosen runs", permissions=["archive"])
def archive(model_admin: Any, request: HttpRequest, runs: QuerySet[TrainingRun]) -> None:
    """Move runs to the bin."""
    _each(model_admin, request, runs, delete_run, "archived")


@admin.action(description="Restore the chosen runs", permissions=["archive"])
def restore(model_admin: Any, request: HttpRequest, runs: QuerySet[TrainingRun]) -> None:
    """Take runs out of the bin."""
    _each(model_admin, request, runs, restore_run, "restored")


@admin.action(description="Export the chosen runs as CSV", permissions=["view"])
def export_csv(_admin: Any, _request: HttpRequest, runs: QuerySet[TrainingRun]) -> StreamingHttpResponse:
    """The runs' columns; cells that a spreadsheet would run as a formula are quoted."""
    response = StreamingHttpResponse(_lines(runs), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="runs.csv"'
    return response


def _each(
    model_admin: Any, request: HttpRequest, runs: QuerySet[TrainingRun], change: Any, word: str
) -> None:
    done, user = 0, acting_user(request)
    for run_id in runs.values_list("run_id", flat=True):
        try:
            run_for(user, str(run_id), level=ExperimentPermission.Level.EDIT)
            change(run_id=run_id)
            done += 1
        except RegistryError as error:
            model_admin.message_user(request, str(error), messages.ERROR)
    model_admin.message_user(request, f"{done} runs {word}.")


def _lines(runs: QuerySet[TrainingRun]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow([column.replace("__name", "") for column in COLUMNS])
    for row in runs.values_list(*COLUMNS).iterator(chunk_size=1_000):
        yield writer.writerow([_safe(cell) for cell in row])


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RISKY_STARTS) else cell
