"""Predictions of registered model versions."""

from collections.abc import Sequence
from typing import Any

from features.predicting.servable import Answer, ServableModel
from features.predicting.table import named_rows
from registry.exceptions import BadInputError

from .served_models import Served, loaded_model

MOST_INSTANCES = 10_000


def predict_instances(
    *, served: Served, instances: Sequence[Any], columns: Sequence[str] | None = None
) -> list[Answer]:
    """Predict from values that came with the request; nothing is cached.

    Args:
        instances: rows; each a list of values in the model's order, or an object by name.
        columns: the names of the lists' values, where they are in another order.

    Raises:
        BadInputError: there are none or too many, or a row is not what the model takes.
        ModelRefusedError, ArtifactError: the model can't be loaded.
    """
    if not 0 < len(instances) <= MOST_INSTANCES:
        raise BadInputError(f"Send 1 to {MOST_INSTANCES:,} instances, not {len(instances):,}.")
    model = loaded_model(served)
    rows = _rows(instances, columns, model.columns or _feature_names(served, model))
    return model.predict(rows)


def _rows(instances: Sequence[Any], columns: Sequence[str] | None, known: Sequence[str]) -> list[list[Any]]:
    kinds = {type(each) for each in instances}
    if kinds == {dict} and columns is None:
        return named_rows(instances, columns=known)
    if kinds != {list}:
        raise BadInputError("Each instance is a list of values, or each an object of values by name.")
    if columns is None:
        return list(instances)
    if len(set(columns)) != len(columns):
        raise BadInputError("A column comes twice.")
    for place, row in enumerate(instances):
        if len(row) != len(columns):
            raise BadInputError(f"Row {place} has {len(row)} values for {len(columns)} columns.")
    return named_rows([dict(zip(columns, row, strict=True)) for row in instances], columns=known)


def _feature_names(served: Served, model: ServableModel) -> list[str]:
    """The declared features' names, for a model that was fitted with plain numbers."""
    names = [reference.partition(":")[2] for reference in served.version.features]
    return names if len(names) == model.width and len(set(names)) == len(names) else []
