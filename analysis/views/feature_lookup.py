"""Features: the catalogue of views, and what is served of one entity."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.feature_catalog import example_keys, feature_catalog
from analysis.queries.feature_lookup import look_up
from features.entity_keys import entity_key
from features.queries.view_schemas import all_view_schemas
from features.services.customer_profiles import CustomerProfile, customer_profile
from features.view_schema import ViewSchema
from registry.exceptions import BadInputError, NotFoundError

LONGEST = 200
CUSTOMER = "customer"


@require_safe
def feature_lookup(request: HttpRequest) -> TemplateResponse:
    """``/features/?entity=customer&customer_id=00001``; without an entity's key the catalogue alone."""
    schemas = all_view_schemas()
    entities = {view.entity: view.join_keys for view in schemas}
    entity = request.GET.get("entity", "")
    entity = entity if entity in entities else next(iter(entities), "")
    fields = [(name, request.GET.get(name, "").strip()[:LONGEST]) for name in entities.get(entity, ())]
    context: dict[str, object] = {
        "catalog": feature_catalog(),
        "entities": list(entities),
        "entity": entity,
        "fields": fields,
    }
    status = 200
    if any(text for _, text in fields):
        try:
            context |= _found(schemas, entity, dict(fields))
        except BadInputError as error:
            context["problem"], status = str(error), 400
    elif entity:
        context["examples"] = example_keys(entity)
    return TemplateResponse(request, "analysis/feature_lookup.html", context, status=status)


def _found(schemas: Sequence[ViewSchema], entity: str, values: Mapping[str, str]) -> dict[str, object]:
    views = [view for view in schemas if view.entity == entity]
    key = entity_key(views[0].join_keys, values)
    lookups = look_up(views, key)
    is_known = any(each.event_at or each.offline_at for each in lookups)
    is_down = any(each.state == "down" for each in lookups)
    found = {"key": key, "lookups": lookups, "is_known": is_known, "is_down": is_down}
    return found | {"profile": _profile(key) if entity == CUSTOMER else None}


def _profile(customer_id: str) -> CustomerProfile | None:
    try:
        return customer_profile(customer_id)
    except NotFoundError:
        return None
