"""Registered models, their versions and logged models by filter."""

from django.http import HttpRequest, HttpResponse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import BadInputError
from registry.filters import LOGGED_MODELS, MODEL_VERSIONS, REGISTERED_MODELS, parse_filter, parse_order
from registry.mlflow_api import ids
from registry.mlflow_api.answers import Json, answer, without_none
from registry.mlflow_api.model_answers import logged_model_json, registered_model_json, version_json
from registry.mlflow_api.page_tokens import page_token, place_in
from registry.mlflow_api.parsing import Fields, read
from registry.queries.search.logged_models import (
    LoggedModelSearch,
    ModelOrder,
    OnDataset,
    logged_models_page,
)
from registry.queries.search.nouns import HIDDEN_TAG
from registry.queries.search.pages import Place
from registry.queries.search.registered_models import registered_models_page, versions_page

MODELS, VERSIONS, LOGGED = 100, 10_000, 100


@endpoint(TokenScope.READ)
def registered_models(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A page of registered models."""
    fields = read(request)
    told, orders = fields.text("filter"), fields.texts("order_by")
    same = ["registered models", told, orders]
    page = registered_models_page(
        user=caller.user,
        condition=parse_filter(told, REGISTERED_MODELS),
        orders=[parse_order(each, REGISTERED_MODELS) for each in orders],
        after=place_in(fields.text("page_token"), search=same),
        size=_size(fields, MODELS),
        has_prompts=HIDDEN_TAG in told,
    )
    return _page(
        "registered_models", [registered_model_json(each) for each in page.rows], page.next_after, same
    )


@endpoint(TokenScope.READ)
def versions(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A page of versions of registered models."""
    fields = read(request)
    told, orders = fields.text("filter"), fields.texts("order_by")
    same = ["model versions", told, orders]
    page = versions_page(
        user=caller.user,
        condition=parse_filter(told, MODEL_VERSIONS),
        orders=[parse_order(each, MODEL_VERSIONS) for each in orders],
        after=place_in(fields.text("page_token"), search=same),
        size=_size(fields, VERSIONS),
        has_prompts=HIDDEN_TAG in told,
    )
    return _page("model_versions", [version_json(each) for each in page.rows], page.next_after, same)


@endpoint(TokenScope.READ)
def logged_models(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A page of logged models of some experiments."""
    fields = read(request)
    experiments = [ids.searched_experiment_id(each) for each in fields.texts("experiment_ids")]
    told = fields.text("filter")
    same = ["logged models", experiments, told, fields.raw("datasets"), fields.raw("order_by")]
    page = logged_models_page(
        user=caller.user,
        search=LoggedModelSearch(
            experiment_ids=experiments,
            condition=parse_filter(told, LOGGED_MODELS),
            datasets=[_dataset(Fields(each)) for each in fields.objects("datasets")],
            orders=[_order(Fields(each)) for each in fields.objects("order_by")],
            after=place_in(fields.text("page_token"), search=same),
            size=fields.integer("max_results") or LOGGED,
        ),
    )
    return _page("models", [logged_model_json(each) for each in page.rows], page.next_after, same)


def _page(name: str, found: list[Json], after: Place | None, same: object) -> HttpResponse:
    return answer(without_none({name: found or None, "next_page_token": page_token(after, search=same)}))


def _size(fields: Fields, usual: int) -> int:
    size = fields.integer("max_results", usual)
    return usual if size is None else size


def _dataset(fields: Fields) -> OnDataset:
    name = fields.text("dataset_name")
    if not name:
        raise BadInputError("`dataset_name` in the `datasets` clause must be specified.")
    return OnDataset(name, fields.text("dataset_digest"))


def _order(fields: Fields) -> ModelOrder:
    is_descending = "ascending" in fields and not fields.boolean("ascending")
    on = OnDataset(fields.text("dataset_name"), fields.text("dataset_digest"))
    return ModelOrder(fields.required("field_name"), is_descending, on if on.name else None)
