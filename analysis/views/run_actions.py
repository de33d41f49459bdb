"""What can be done with runs that were picked in the table."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST

from analysis.exports.tables import table_response
from analysis.queries.run_columns import DEFAULT_COLUMNS, chosen_columns
from analysis.queries.run_export import export_table
from analysis.queries.run_table import RunFilter, run_page
from analysis.redirects import see_other
from analysis.viewer import viewer_of
from analysis.views.run_filter import address, asked_columns
from registry.exceptions import BadInputError, RegistryError
from registry.filters import Comparison, Entity, Field
from registry.queries.search.view_types import ViewType
from registry.services.picked_runs import (
    PickedRuns,
    archive_picked,
    checked_picks,
    restore_picked,
    tag_picked,
)

MOST_COMPARED = 50
Answer = HttpResponseBase | None


@require_POST
def run_actions(request: HttpRequest) -> HttpResponseBase:
    """``/runs/actions/``: tag, archive or restore the picked runs, compare them, or export them.

    Back to the table that they were picked in, with a message; each run is changed by itself, so that
    repeating what broke off in the middle is harmless.
    """
    viewer, back = viewer_of(request), QueryDict(request.POST.get("back", ""))
    act = ACTIONS.get(request.POST.get("action", ""))
    try:
        if act is None:
            raise BadInputError(f"Choose what to do with the runs: {', '.join(ACTIONS)}.")
        answer = act(request, viewer, checked_picks(request.POST.getlist("run")))
    except RegistryError as error:
        messages.error(request, str(error))
        answer = None
    return answer or see_other(f"{reverse('analysis:run-list')}{address(back)}")


def _tag(request: HttpRequest, viewer: User, ids: list[str]) -> Answer:
    key, value = (request.POST.get(name, "").strip() for name in ("tag_key", "tag_value"))
    _tell(request, tag_picked(user=viewer, run_ids=ids, key=key, value=value), f"tagged {key}")
    return None


def _archive(request: HttpRequest, viewer: User, ids: list[str]) -> Answer:
    done = archive_picked(user=viewer, run_ids=ids)
    _tell(request, done, "archived", " Find them under Archive: archived only.")
    return None


def _restore(request: HttpRequest, viewer: User, ids: list[str]) -> Answer:
    _tell(request, restore_picked(user=viewer, run_ids=ids), "restored")
    return None


def _compare(_request: HttpRequest, _viewer: User, ids: list[str]) -> Answer:
    if len(ids) > MOST_COMPARED:
        raise BadInputError(f"{len(ids)} runs are picked; compare at most {MOST_COMPARED} at once.")
    return see_other(f"{reverse('analysis:run-comparison')}?{urlencode([('run', run_id) for run_id in ids])}")


def _export(request: HttpRequest, viewer: User, ids: list[str]) -> Answer:
    back = QueryDict(request.POST.get("back", ""))
    columns = chosen_columns(asked_columns(back) or DEFAULT_COLUMNS)
    picked = Comparison(Field(Entity.ATTRIBUTE, "run_id"), "IN", tuple(ids))
    wanted = RunFilter(viewer, picked, ViewType.ALL, sort=back.get("sort", ""), columns=columns)
    runs = run_page(wanted, size=len(ids)).rows
    return table_response(
        export_table(runs, columns), format=request.POST.get("format", "csv"), filename="runs"
    )


ACTIONS: dict[str, Callable[[HttpRequest, User, list[str]], Answer]] = {
    "compare": _compare,
    "tag": _tag,
    "archive": _archive,
    "restore": _restore,
    "export": _export,
}


def _tell(request: HttpRequest, picked: PickedRuns, what: str, more: str = "") -> None:
    if picked.done:
        messages.success(request, f"{_runs(picked.done)} {what}.{more}")
    if picked.forbidden:
        messages.error(
            request,
            f"You may read but not change {_listed(picked.forbidden)}."
            " Ask one who manages the experiment for EDIT.",
        )
    if picked.refused:
        messages.error(request, " ".join(picked.refused[:5]))


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""  # noqa: PLR2004 (names that fit a message)
    return f"{', '.join(names[:5])}{more}"
