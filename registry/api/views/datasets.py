"""Datasets: no experiment's own, so every user may name one."""

from django.http import HttpRequest, JsonResponse

from registry.api.answers import dataset_json
from registry.api.authentication import Caller
from registry.api.idempotency import create_once
from registry.api.parsing import integer, mapping, read_fields, required, text, texts
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.services.datasets import create_dataset


@endpoint(TokenScope.WRITE)
def create(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Create a dataset."""
    fields = read_fields(
        request,
        name=required(text), digest=required(text), row_count=integer, feature_count=integer, source=text,
        description=text, schema=mapping, parents=texts,
    )  # fmt: skip
    dataset = create_once(request, create_dataset, user=caller.user, **fields)
    return JsonResponse({"dataset": dataset_json(dataset)}, status=201)
