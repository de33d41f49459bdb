"""A loaded model as predictions need it. Plain Python, no Django."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from registry.exceptions import BadInputError

from .table import Rows, table_of

SHOWN = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says of one row; ``probabilities`` in the order of the model's classes."""

    prediction: Any
    probabilities: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class ServableModel:
    """A fitted estimator.

    Attributes:
        columns: the names it was fitted with; none where it was fitted with plain numbers.
        width: how many values a row has; None where the model does not say.
        classes: of a classifier that tells probabilities, in their order.
    """

    estimator: Any
    size_bytes: int
    columns: tuple[str, ...] = ()
    width: int | None = None
    classes: tuple[Any, ...] = ()

    def predict(self, rows: Rows) -> list[Answer]:
        """One answer a row.

        Raises:
            BadInputError: a row has another width, or values that the model does not take.
        """
        table = table_of(rows, width=self.width, columns=self.columns)
        try:
            predicted = _plain(self.estimator.predict(table))
            shares = _plain(self.estimator.predict_proba(table)) if self.classes else [None] * len(predicted)
        except (ValueError, TypeError) as error:
            raise _refused(rows, error) from error
        return [
            Answer(value, tuple(share) if share is not None else None)
            for value, share in zip(predicted, shares, strict=True)
        ]


def servable(estimator: Any, *, size_bytes: int) -> ServableModel:
    """What an estimator tells of itself.

    Raises:
        BadInputError: it does not predict.
    """
    if not callable(getattr(estimator, "predict", None)):
        raise BadInputError(f"A {type(estimator).__name__} does not predict, so it can't be served.")
    width = getattr(estimator, "n_features_in_", None)
    has_shares = hasattr(estimator, "predict_proba")
    classes = getattr(estimator, "classes_", ()) if has_shares else ()
    return ServableModel(
        estimator,
        size_bytes,
        columns=tuple(str(each) for each in getattr(estimator, "feature_names_in_", ())),
        width=None if width is None else int(width),
        classes=tuple(_plain(classes)),
    )


def _plain(values: Any) -> list[Any]:
    return list(values.tolist() if hasattr(values, "tolist") else values)


def _refused(rows: Rows, error: Exception) -> BadInputError:
    missing = [place for place, row in enumerate(rows) if any(value is None for value in row)]
    if missing and "NaN" in str(error):
        shown = ", ".join(str(place) for place in missing[:5])
        return BadInputError(
            f"Values are missing in {len(missing)} of {len(rows)} rows (row {shown}, counted from 0),"
            " and this model fills none in. Send them, or train a model that does."
        )
    first: Sequence[str] = str(error).splitlines() or [type(error).__name__]
    return BadInputError(f"The model does not take these values: {first[0][:SHOWN]}")
