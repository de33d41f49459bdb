"""Experiments by filter."""

from django.http import HttpRequest, HttpResponse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.filters import EXPERIMENTS, parse_filter, parse_order
from registry.mlflow_api.answers import answer, experiment_json, without_none
from registry.mlflow_api.page_tokens import page_token, place_in
from registry.mlflow_api.parsing import read
from registry.queries.search.experiments import experiments_page

from .run_search import view_in


@endpoint(TokenScope.READ)
def search(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A page of experiments; the default one is among them once it was used."""
    fields = read(request)
    told, orders, view = fields.text("filter"), fields.texts("order_by"), view_in(fields, "view_type")
    same = ["experiments", told, orders, view.value]
    page = experiments_page(
        user=caller.user,
        condition=parse_filter(told, EXPERIMENTS),
        orders=[parse_order(each, EXPERIMENTS) for each in orders],
        view=view,
        after=place_in(fields.text("page_token"), search=same),
        size=fields.integer("max_results", 0) or 0,
    )
    found = [
        experiment_json(each, sorted((tag.key, tag.value) for tag in each.tags.all())) for each in page.rows
    ]
    return answer(
        without_none(
            {"experiments": found or None, "next_page_token": page_token(page.next_after, search=same)}
        )
    )
