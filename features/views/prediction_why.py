"""Why a model predicts what it predicts: ``GET /api/1/models/<name>/why?customer_id=…``."""

import dataclasses
import time
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from features.services.prediction_why import FeatureReason, Why, explain_prediction
from features.services.served_models import Wanted
from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import BadInputError

from .predictions import age_told, row_told


@endpoint(TokenScope.READ)
def why(request: HttpRequest, caller: Caller, name: str) -> HttpResponse:
    """One entity's prediction with its features, their ages, and what each did."""
    wanted, entity = asked(name, request.GET.dict())
    found = explain_prediction(wanted=wanted, user=caller.user, entity=entity)
    return HttpResponse(orjson.dumps(_told(found)), content_type="application/json")


def asked(model: str, values: dict[str, str]) -> tuple[Wanted, dict[str, str]]:
    """Which version is asked, and of which entity: what is no word of ours is a join key.

    Raises:
        BadInputError: the version is no number.
    """
    which: dict[str, Any] = {name: values.pop(name) for name in ("environment", "alias") if values.get(name)}
    version = values.pop("version", "")
    if version and not (version.isascii() and version.isdecimal() and len(version) < 11):  # noqa: PLR2004 (32 bits)
        raise BadInputError(f"The version must be a whole number, not {version[:50]!r}.")
    if version:
        which["version"] = int(version)
    return Wanted(model, **which), {name: value for name, value in values.items() if name not in which}


def _told(found: Why) -> dict[str, Any]:
    version, answer, now = found.served.version, found.row.answer, time.time()
    return {
        "model": version.model,
        "version": version.number,
        "environment": found.served.environment or None,
        "deployment": dataclasses.asdict(found.deployment) if found.deployment else None,
        "run": {
            "run_id": version.run_id or None,
            "name": version.run_name,
            "dataset": version.dataset or None,
        },
        "prediction": answer and answer.prediction,
        "classes": answer and answer.classes,
        "probabilities": answer and answer.probabilities,
        "row": row_told(found.row, now),
        "source": found.source,
        "features": [_feature_told(each, now) for each in found.features],
        "explanation": found.explanation
        and {
            "kind": found.explanation.kind,
            "unit": found.explanation.unit,
            "base": found.explanation.base,
            "total": found.explanation.total,
        },
    }


def _feature_told(reason: FeatureReason, now: float) -> dict[str, Any]:
    return {
        "feature": reason.reference,
        "view_version": reason.view_version,
        "value": reason.value,
        "status": reason.status.value,
        **age_told(reason.event_ms, now),
        "ttl_left_seconds": reason.ttl_left_seconds,
        "contribution": reason.contribution,
    }
