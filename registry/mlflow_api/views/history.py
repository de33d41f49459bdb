"""Metrics' histories: of one run, page by page; of many, whole or sampled."""

from django.http import HttpRequest, HttpResponse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import BadInputError
from registry.fields import HEX_ID
from registry.mlflow_api import ids
from registry.mlflow_api.answers import answer
from registry.mlflow_api.page_tokens import page_token, place_in
from registry.mlflow_api.parsing import Fields, missing, read
from registry.queries.search.histories import histories, history_page, sampled_histories

from .runs import run_id_in

MAX_POINTS = 1_000_000
MAX_POINTS_OF_RUNS = 25_000
MAX_RUNS = 100
MAX_SAMPLED = 2_500


@endpoint(TokenScope.READ)
def read_page(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A metric's points; all of them (up to a million) where no size is asked for."""
    fields = read(request)
    run_id, key = run_id_in(fields), fields.required("metric_key")
    size = fields.integer("max_results", MAX_POINTS) or 0
    if size < 1:
        raise BadInputError(
            f"Invalid value {size} for parameter 'max_results' supplied. It must be a positive integer."
        )
    same = [run_id, key]
    after = place_in(fields.text("page_token"), search=same)
    page = history_page(user=caller.user, run_id=run_id, key=key, size=min(size, MAX_POINTS), after=after)
    token = page_token(page.next_after, search=same)
    return _metrics(page.points, f',"next_page_token":"{token}"' if token else "")


@endpoint(TokenScope.READ)
def read_many(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A metric's points in up to 100 runs."""
    fields = read(request)
    run_ids = fields.texts("run_id")
    if not run_ids:
        raise BadInputError("GetMetricHistoryBulk request must specify at least one run_id.")
    _check_count(run_ids, "GetMetricHistoryBulk request cannot specify more than")
    if "metric_key" not in fields:
        raise BadInputError("GetMetricHistoryBulk request must specify a metric_key.")
    limit = min(fields.integer("max_results") or MAX_POINTS_OF_RUNS, MAX_POINTS_OF_RUNS)
    known = [each for each in run_ids if HEX_ID.fullmatch(each)]
    points = histories(user=caller.user, run_ids=known, key=fields.text("metric_key"), limit=max(limit, 0))
    return answer(f'{{"metrics":[{points}]}}'.encode())


@endpoint(TokenScope.READ)
def read_sampled(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A metric's points in up to 100 runs, evenly sampled."""
    fields = read(request)
    run_ids = fields.texts("run_ids")
    if not run_ids:
        raise missing("run_ids")
    _check_count(run_ids, "GetMetricHistoryBulkInterval request must specify at most")
    limit = fields.integer("max_results", MAX_SAMPLED) or 0
    if not 1 <= limit <= MAX_SAMPLED:
        raise BadInputError(f"max_results must be between 1 and {MAX_SAMPLED}.")
    points = sampled_histories(
        user=caller.user,
        run_ids=[ids.checked_run_id(each) for each in run_ids],
        key=fields.required("metric_key"),
        limit=limit,
        steps=_steps(fields),
    )
    return _metrics(points)


def _metrics(points: str, more: str = "") -> HttpResponse:
    return answer(f'{{"metrics":[{points}]{more}}}'.encode() if points else b"{}")


def _check_count(run_ids: list[str], what: str) -> None:
    if len(run_ids) > MAX_RUNS:
        raise BadInputError(f"{what} {MAX_RUNS} run_ids. Received {len(run_ids)} run_ids.")


def _steps(fields: Fields) -> tuple[int, int] | None:
    first, last = fields.integer("start_step"), fields.integer("end_step")
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise BadInputError("If either start step or end step are specified, both must be specified.")
    if first > last:
        raise BadInputError(
            f"end_step must be greater than start_step. Found start_step={first} and end_step={last}."
        )
    return first, last
