"""Why a model predicts what it predicts of an entity."""

from typing import Any

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.feature_catalog import example_keys
from analysis.viewer import viewer_of
from features.queries.view_schemas import view_schema
from features.services.prediction_why import explain_prediction, join_keys_of
from features.services.served_models import Served, Wanted, served_model
from features.views.prediction_why import asked
from registry.enums import Environment
from registry.exceptions import ArtifactError, BadInputError, ConflictError, NotFoundError

LONGEST = 200


@require_safe
def prediction_why(request: HttpRequest, name: str) -> TemplateResponse:
    """``/models/<name>/why/?customer_id=00001``; without an entity the form alone."""
    viewer = viewer_of(request)
    status, context = 200, _shown(request, name)
    try:
        wanted, _ = asked(name, request.GET.dict())
        served = served_model(wanted, user=viewer)
        context |= _form(request, served)
        context |= _found(wanted, viewer, dict(context["fields"]))
    except BadInputError as error:
        context["problem"], status = str(error), 400
    except ConflictError as error:
        context["problem"], status = str(error), 409
    except ArtifactError as error:
        context["problem"], status = str(error), 503
    except NotFoundError as error:
        if "served" not in context:
            raise Http404(str(error)) from error
        context["unknown"] = str(error)
    return TemplateResponse(request, "analysis/prediction_why.html", context, status=status)


def _shown(request: HttpRequest, name: str) -> dict[str, Any]:
    environment = request.GET.get("environment") or Environment.PRODUCTION.value
    return {
        "name": name,
        "environment": environment,
        "environments": Environment.values,
        "version": request.GET.get("version", "")[:10],
        "fields": [],
    }


def _form(request: HttpRequest, served: Served) -> dict[str, Any]:
    fields = [(key, request.GET.get(key, "").strip()[:LONGEST]) for key in join_keys_of(served)]
    entity = view_schema(served.version.features[0].partition(":")[0]).entity if fields else ""
    is_asked = any(text for _, text in fields)
    return {
        "served": served,
        "fields": fields,
        "examples": [] if is_asked or not entity else example_keys(entity),
    }


def _found(wanted: Wanted, viewer: User, entity: dict[str, str]) -> dict[str, Any]:
    if not any(entity.values()):
        return {}
    why = explain_prediction(wanted=wanted, user=viewer, entity=entity)
    answer, told = why.row.answer, [each for each in why.features if each.contribution is not None]
    largest = sorted(told, key=lambda each: -abs(each.contribution or 0.0))
    return {
        "why": why,
        "entity_key": why.row.vector.entity_key,
        "shares": list(zip(answer.classes, answer.probabilities or (), strict=False)) if answer else [],
        "bars": [(each.reference, each.contribution) for each in largest],
    }
