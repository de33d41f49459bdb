"""Why a model predicts what it predicts of an entity."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError

from features.predicting.contributions import Contributions, contributions
from features.queries.live_deployments import Deployed, deployed_version
from features.queries.view_schemas import view_schema
from features.view_schema import ViewSchema

from .entity_predictions import EntityAnswer, predict_entities
from .online_features import Status
from .served_models import Served, Wanted, loaded_model


@dataclass(frozen=True, slots=True)
class FeatureReason:
    """One feature of the prediction.

    Attributes:
        value: what the model read; None where there is none, or only one too old.
        ttl_left_seconds: negative where it is too old; None where it holds until it is replaced.
        contribution: in the unit of the explanation; None where there is no explanation.
    """

    reference: str
    view_version: int
    value: Any
    status: Status
    event_ms: int | None
    age_seconds: float | None
    ttl_left_seconds: float | None
    contribution: float | None


@dataclass(frozen=True)
class Why:
    """A prediction with all that went into it; ``deployment`` is None for a version that is nowhere live."""

    served: Served
    deployment: Deployed | None
    source: str
    row: EntityAnswer
    features: list[FeatureReason]
    explanation: Contributions | None


def explain_prediction(*, wanted: Wanted, user: User, entity: Mapping[str, object]) -> Why:
    """The prediction for one entity, its features with their ages, and what each did to it.

    Three round trips at most, and one statement for the deployment.

    Args:
        entity: join key → value.

    Raises:
        As :func:`.entity_predictions.predict_entities`.
    """
    found = predict_entities(
        wanted=wanted, user=user, entities={name: [value] for name, value in entity.items()}
    )
    (row,) = found.answers
    told = contributions(loaded_model(found.served), row.vector.values)
    reasons = _reasons(found.served, found.vectors.views, row, told)
    return Why(found.served, _deployed(found.served), found.vectors.source, row, reasons, told)


def join_keys_of(served: Served) -> list[str]:
    """The join keys that name an entity of the version's features; none where it declares no features."""
    features = served.version.features
    names = dict.fromkeys(each.partition(":")[0] for each in features)
    return list(dict.fromkeys(key for name in names for key in view_schema(name).join_keys))


def _reasons(
    served: Served, views: tuple[ViewSchema, ...], row: EntityAnswer, told: Contributions | None
) -> list[FeatureReason]:
    now, numbers = time.time(), {view.name: number for number, view in enumerate(views)}
    reasons = []
    for place, reference in enumerate(served.version.features):
        number = numbers[reference.partition(":")[0]]
        status, event_ms = row.vector.statuses[number], row.vector.event_ms[number]
        value, ttl = row.vector.values[place], views[number].ttl_seconds
        age = None if event_ms is None else now - event_ms / 1_000
        reasons.append(
            FeatureReason(
                reference=reference,
                view_version=views[number].version,
                value=value,
                status=Status.NULL_VALUE if value is None and status is Status.PRESENT else status,
                event_ms=event_ms,
                age_seconds=age,
                ttl_left_seconds=None if age is None or ttl is None else ttl - age,
                contribution=None if told is None else told.values[place],
            )
        )
    return reasons


def _deployed(served: Served) -> Deployed | None:
    try:
        return deployed_version(served.version.model, served.version.number, served.environment)
    except (OperationalError, InterfaceError):
        return None
