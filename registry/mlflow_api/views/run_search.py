"""Runs: one, and by filter."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.filters import RUNS, parse_filter, parse_order
from registry.mlflow_api import ids
from registry.mlflow_api.answers import Json, answer, info_of, without_none
from registry.mlflow_api.page_tokens import page_token, place_in
from registry.mlflow_api.parsing import Fields, read, wrong
from registry.queries.search.run_pages import RunSearch
from registry.queries.search.run_rows import RunRow
from registry.queries.search.runs import one_run, runs_page
from registry.queries.search.view_types import ViewType

from .runs import run_id_in

PAGE = 1_000


@endpoint(TokenScope.READ)
def read_one(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A run with its latest metrics, params, tags, inputs and outputs, also from the bin."""
    run = one_run(user=caller.user, run_id=run_id_in(read(request)))
    return answer(orjson.dumps({"run": run_json(run)}))


@endpoint(TokenScope.READ)
def search(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A page of runs."""
    fields = read(request)
    experiments = [ids.searched_experiment_id(each) for each in fields.texts("experiment_ids")]
    told = fields.text("filter")
    orders, view = fields.texts("order_by"), view_in(fields, "run_view_type")
    same = [experiments, told, orders, view.value]
    page = runs_page(
        user=caller.user,
        search=RunSearch(
            experiment_ids=experiments,
            condition=parse_filter(told, RUNS),
            orders=[parse_order(each, RUNS) for each in orders],
            view=view,
            after=place_in(fields.text("page_token"), search=same),
            size=_size(fields),
        ),
    )
    body: Json = {"runs": [run_json(run) for run in page.rows]} if page.rows else {}
    body["next_page_token"] = page_token(page.next_after, search=same)
    return answer(orjson.dumps(without_none(body)))


def run_json(run: RunRow) -> Json:
    """A run as orjson writes it."""
    data = {"metrics": run.metrics, "params": run.params, "tags": run.tags}
    inputs = {"dataset_inputs": run.dataset_inputs, "model_inputs": run.model_inputs}
    return {
        "info": info_of(run),
        "data": _json_texts(data),
        "inputs": _json_texts(inputs),
        "outputs": _json_texts({"model_outputs": run.model_outputs}),
    }


def view_in(fields: Fields, name: str) -> ViewType:
    """Which lifecycle is asked for, by its name or protobuf's number.

    Raises:
        BadInputError: there is no such view.
    """
    asked: Any = fields.raw(name)
    names = list(ViewType)
    if asked is None or asked == "":
        return ViewType.ACTIVE_ONLY
    if str(asked) in ("1", "2", "3"):
        return names[int(asked) - 1]
    if asked in [each.value for each in names]:
        return ViewType(asked)
    raise wrong(name, asked)


def _size(fields: Fields) -> int:
    size = fields.integer("max_results", PAGE)
    return PAGE if size is None else size


def _json_texts(lists: dict[str, str | None]) -> dict[str, orjson.Fragment]:
    return {name: orjson.Fragment(text) for name, text in lists.items() if text is not None}
