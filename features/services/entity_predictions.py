"""Predictions for entities: features from the online store, answers kept until either changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from features import keys
from features.predicting.servable import Answer
from registry.exceptions import BadInputError, NotFoundError

from .cached_answers import answers_for
from .feature_vectors import Reading, Vector, Vectors, read_vectors, reading_of
from .served_models import Served, Wanted, likely_served, loaded_model, served_as, served_model

MOST_ENTITIES = 1_000
Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class EntityAnswer:
    """What is predicted of one entity; ``answer`` is None where nothing is known of it."""

    vector: Vector
    answer: Answer | None
    is_hit: bool


@dataclass(frozen=True)
class EntityPredictions:
    """Answers in the order of the entities, and the features that they were made of."""

    served: Served
    vectors: Vectors
    answers: list[EntityAnswer]


def predict_entities(*, wanted: Wanted, user: User, entities: Columns) -> EntityPredictions:
    """Predict of entities by the features that the version declares.

    A hit takes two round trips: the live deployment with all features, and all kept answers. A miss takes
    a third, to keep what was computed. Where Redis is away, deployment and features come from PostgreSQL
    and everything is computed.

    Args:
        entities: join key → values, a column each.

    Raises:
        NotFoundError: there is no such version or live deployment, none that the user may know of, or
            nothing is known of any of the entities.
        BadInputError: there are none or too many entities, or values are missing that the model needs.
        ModelRefusedError, ArtifactError: the model can't be loaded.
        StoreUnavailableError, OperationalError, InterfaceError: what is needed can't be read anywhere now.
    """
    _check_size(entities)
    served, vectors = _read(wanted, user, entities)
    found = _answers(served, [row for row in vectors.rows if row.is_known])
    if not found:
        raise NotFoundError(_unknown_told(vectors))
    answers = [EntityAnswer(row, *found.get(_id(row), (None, False))) for row in vectors.rows]
    return EntityPredictions(served, vectors, answers)


def _read(wanted: Wanted, user: User, entities: Columns) -> tuple[Served, Vectors]:
    """Which version answers, and its features: one round trip where it is the version of last time."""
    guess = likely_served(wanted.checked(), user=user)
    if guess is None:
        served = served_model(wanted, user=user)
        return served, read_vectors(_reading(served, entities))[0]
    place = None if wanted.is_named else (wanted.model, wanted.environment)
    vectors, live = read_vectors(_reading(guess, entities), place=place)
    served = served_as(wanted, live, user=user)
    return served, vectors if served == guess else read_vectors(_reading(served, entities))[0]


def _reading(served: Served, entities: Columns) -> Reading:
    if not served.version.features:
        raise BadInputError(
            f"Version {served.version.number} of {served.version.model!r} declares no features (its tag"
            " 'features', as view:feature,…): send their values as 'instances'."
        )
    return reading_of(served.version.features, entities)


def _answers(served: Served, rows: Sequence[Vector]) -> dict[tuple[str, str], tuple[Answer, bool]]:
    """Answers and whether they were kept, by the vectors' ids."""
    version = served.version
    vectors = {_id(row): row for row in rows}
    names = keys.predictions(
        version.model, version.number, [(row.entity_key, _state(served, row)) for row in vectors.values()]
    )
    by_name = dict(zip(names, vectors, strict=True))

    def compute(missing: list[str]) -> Sequence[Answer]:
        chosen = [vectors[by_name[name]] for name in missing]
        return loaded_model(served).predict(
            [row.values for row in chosen], names=[row.entity_key for row in chosen]
        )

    found = answers_for(names, compute) if names else {}
    return {by_name[name]: answer for name, answer in found.items()}


def _id(row: Vector) -> tuple[str, str]:
    return row.entity_key, row.version


def _state(served: Served, row: Vector) -> str:
    """All that an answer depends on beside version and entity: the features' versions, and which they are."""
    return f"{served.version.digest}.{row.version}"


def _check_size(entities: Columns) -> None:
    for name, column in entities.items():
        if not isinstance(column, list):
            raise BadInputError(f"The entities' {name[:100]!r} must be a list, a value for each entity.")
        if not 0 < len(column) <= MOST_ENTITIES:
            raise BadInputError(f"Send 1 to {MOST_ENTITIES:,} entities, not {len(column):,}.")
    if not entities:
        raise BadInputError('Name the entities by their join keys: {"customer_id": ["00001"]}.')


def _unknown_told(vectors: Vectors) -> str:
    keys_told = ", ".join(row.entity_key[:50] for row in vectors.rows[:5])
    return (
        f"The online store knows nothing of {keys_told}: no such entity, or its features were never written."
    )
