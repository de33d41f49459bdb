"""``POST /get-online-features``: what is asked."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from features.queries.view_schemas import view_schema
from registry.api.errors import RequestTooLargeError
from registry.exceptions import BadInputError

from .bodies import read_body, truth

MOST_ENTITIES = 10_000
MOST_VALUES = 500_000


@dataclass(frozen=True, slots=True)
class FeatureRequest:
    """Features as ``view:feature``; the join keys' columns, all of one length."""

    features: list[str]
    entities: dict[str, list[object]]
    has_full_names: bool
    has_versions: bool

    @property
    def entity_count(self) -> int:
        """How many entities are asked for."""
        return len(next(iter(self.entities.values())))


def read_request(request: HttpRequest) -> FeatureRequest:
    """What is asked for.

    Raises:
        BadInputError: the body is not what Feast's client sends.
        NotFoundError: there is no such feature service.
        RequestTooLargeError: more entities or values than one answer holds.
    """
    body = read_body(request)
    asked = FeatureRequest(
        _features(body),
        _entities(body.get("entities")),
        truth(body, "full_feature_names"),
        truth(body, "include_feature_view_version_metadata"),
    )
    if asked.entity_count > MOST_ENTITIES or asked.entity_count * len(asked.features) > MOST_VALUES:
        raise RequestTooLargeError(
            f"One request takes {MOST_ENTITIES:,} entities and {MOST_VALUES:,} values. Send several."
        )
    return asked


def _features(body: dict[str, Any]) -> list[str]:
    service, features = body.get("feature_service"), body.get("features") or []
    if service:
        if not isinstance(service, str):
            raise BadInputError("The field 'feature_service' must be text.")
        return [f"{service}:{name}" for name in view_schema(service).names]
    if not isinstance(features, list) or not all(isinstance(each, str) for each in features):
        raise BadInputError("The field 'features' must be a list of texts, each view:feature.")
    if not features:
        raise BadInputError("No features are asked for: send 'features', or 'feature_service'.")
    return features


def _entities(columns: Any) -> dict[str, list[object]]:
    if not isinstance(columns, dict) or not all(isinstance(each, list) for each in columns.values()):
        raise BadInputError("The field 'entities' must be an object: join key to a list of values.")
    lengths = {len(each) for each in columns.values()}
    if len(lengths) != 1 or 0 in lengths:
        raise BadInputError(
            "The field 'entities' must have join keys with equally many values, at least one."
        )
    return columns
