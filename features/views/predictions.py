"""Predictions for programs: ``POST /predict/<model>``."""

import time
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from features.services.predictions import Predictions, predict_instances
from features.services.served_models import Wanted, served_model
from registry.api.authentication import Caller
from registry.api.parsing import integer, mapping, read_fields, text, texts
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import BadInputError

Fields = dict[str, Any]


@endpoint(TokenScope.READ)
def predict(request: HttpRequest, caller: Caller, model: str) -> HttpResponse:
    """Predict from the values in the request, or from the online features of the entities it names."""
    began = time.perf_counter()
    fields = read_fields(
        request,
        instances=_rows,
        columns=texts,
        entities=mapping,
        environment=text,
        version=integer,
        alias=text,
    )
    if ("instances" in fields) == ("entities" in fields):
        raise BadInputError("Send either 'instances' (values) or 'entities' (join keys), one of the two.")
    places = {name: fields[name] for name in ("environment", "version", "alias") if name in fields}
    served = served_model(Wanted(model, **places), user=caller.user)
    found = predict_instances(served=served, instances=fields["instances"], columns=fields.get("columns"))
    return _answer(_told(found), began)


def _told(found: Predictions) -> Fields:
    version = found.served.version
    told: Fields = {
        "model": version.model,
        "version": version.number,
        "environment": found.served.environment or None,
        "run_id": version.run_id or None,
        "predictions": [each.prediction for each in found.answers],
    }
    if found.classes:
        told["classes"] = found.classes
        told["probabilities"] = [each.probabilities for each in found.answers]
    return told


def _answer(told: Fields, began: float) -> HttpResponse:
    told["latency_ms"] = round((time.perf_counter() - began) * 1_000, 3)
    return HttpResponse(orjson.dumps(told), content_type="application/json")


def _rows(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadInputError(f"The field {name!r} must be a list of rows.")
    return value
