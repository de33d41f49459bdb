"""Predictions for programs: ``POST /predict/<model>``."""

import datetime as dt
import time
from collections.abc import Sequence
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from features.predicting.servable import Answer
from features.services.entity_predictions import EntityAnswer, predict_entities
from features.services.predictions import predict_instances
from features.services.served_models import Served, Wanted, served_model
from registry.api.authentication import Caller
from registry.api.parsing import integer, mapping, read_fields, text, texts
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import BadInputError

Fields = dict[str, Any]
WHICH = ("environment", "version", "alias")


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
    wanted = Wanted(model, **{name: fields[name] for name in WHICH if name in fields})
    told = _of_entities(wanted, caller, fields) if "entities" in fields else _of_rows(wanted, caller, fields)
    told["latency_ms"] = round((time.perf_counter() - began) * 1_000, 3)
    return HttpResponse(orjson.dumps(told), content_type="application/json")


def _of_rows(wanted: Wanted, caller: Caller, fields: Fields) -> Fields:
    served = served_model(wanted, user=caller.user)
    found = predict_instances(served=served, instances=fields["instances"], columns=fields.get("columns"))
    return _told(served, found)


def _of_entities(wanted: Wanted, caller: Caller, fields: Fields) -> Fields:
    if "columns" in fields:
        raise BadInputError("'columns' goes with 'instances'.")
    found = predict_entities(wanted=wanted, user=caller.user, entities=fields["entities"])
    now = time.time()
    return _told(found.served, [each.answer for each in found.answers]) | {
        "rows": [row_told(each, now) for each in found.answers],
        "hits": sum(each.is_hit for each in found.answers),
        "source": found.vectors.source,
    }


def _told(served: Served, answers: Sequence[Answer | None]) -> Fields:
    told: Fields = {
        "model": served.version.model,
        "version": served.version.number,
        "environment": served.environment or None,
        "run_id": served.version.run_id or None,
        "predictions": [each and each.prediction for each in answers],
    }
    classes = next((each.classes for each in answers if each is not None and each.classes), None)
    if classes is not None:
        told["classes"] = classes
        told["probabilities"] = [each and each.probabilities for each in answers]
    return told


def row_told(row: EntityAnswer, now: float) -> Fields:
    """Where an entity's answer comes from: kept or computed, of which features, how old."""
    known: Fields = {"entity": row.vector.entity_key, "features": row.vector.status.value}
    if row.answer is None:
        return known | {"cache": None}
    return known | {
        "cache": "hit" if row.is_hit else "miss",
        "feature_version": row.vector.version,
        **age_told(row.vector.oldest_ms, now),
    }


def age_told(event_ms: int | None, now: float) -> Fields:
    """When values were true, and how long ago that is."""
    if event_ms is None:
        return {"event_time": None, "age_seconds": None}
    at = dt.datetime.fromtimestamp(event_ms / 1_000, dt.UTC)
    return {"event_time": at.isoformat(), "age_seconds": round(now - event_ms / 1_000, 3)}


def _rows(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadInputError(f"The field {name!r} must be a list of rows.")
    return value
