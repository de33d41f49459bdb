"""A loaded model as predictions need it. Plain Python, no Django."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from registry.exceptions import BadInputError

from .table import Rows, table_of

SHOWN = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says of one row; ``probabilities`` of the ``classes``, where it is a classifier."""

    prediction: Any
    probabilities: tuple[float, ...] | None = None
    classes: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class ServableModel:
    """A fitted estimator.

    Attributes:
        columns: the names it was fitted with; none where it was fitted with plain numbers.
        width: how many values a row has; None where the model does not say.
        classes: of a classifier that tells probabilities, in their order; none where it has several outputs.
    """

    estimator: Any
    size_bytes: int
    columns: tuple[str, ...] = ()
    width: int | None = None
    classes: tuple[Any, ...] = ()

    def predict(self, rows: Rows, *, names: Sequence[str] = ()) -> list[Answer]:
        """One answer a row.

        Args:
            names: what the rows are called in errors; else they are counted from 0.

        Raises:
            BadInputError: a row has another width, or values that the model does not take; or the answers
                are nothing that JSON can tell.
        """
        table = table_of(rows, width=self.width, columns=self.columns)
        try:
            predicted = _plain(self.estimator.predict(table))
            shares = _plain(self.estimator.predict_proba(table)) if self.classes else [None] * len(predicted)
            told = list(zip(predicted, shares, strict=True))
        except Exception as error:  # what a foreign model may raise, nobody knows
            raise _refused(rows, names, error) from error
        _check_told(predicted, self.classes)
        return [
            Answer(value) if share is None else Answer(value, tuple(share), self.classes)
            for value, share in told
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
    classes = _plain(getattr(estimator, "classes_", ())) if has_shares else []
    if any(hasattr(each, "__len__") and not isinstance(each, (str, bytes)) for each in classes):
        classes = []
    return ServableModel(
        estimator,
        size_bytes,
        columns=tuple(str(each) for each in getattr(estimator, "feature_names_in_", ())),
        width=None if width is None else int(width),
        classes=tuple(classes),
    )


def _plain(values: Any) -> list[Any]:
    return list(values.tolist() if hasattr(values, "tolist") else values)


def _check_told(predicted: list[Any], classes: Sequence[Any]) -> None:
    try:
        orjson.dumps([predicted, classes])
    except TypeError as error:
        kind = type((classes or predicted)[0]).__name__
        raise BadInputError(f"The model's answers ({kind}) can't be told as JSON: {error}.") from error


def _refused(rows: Rows, names: Sequence[str], error: Exception) -> BadInputError:
    missing = [place for place, row in enumerate(rows) if any(value is None for value in row)]
    if missing and "NaN" in str(error):
        shown = ", ".join(names[place] if names else f"row {place}" for place in missing[:5])
        return BadInputError(
            f"Values are missing in {len(missing)} of {len(rows)} rows ({shown}), and this model fills none"
            " in. Send them, or train a model that does."
        )
    first: Sequence[str] = str(error).splitlines() or [type(error).__name__]
    return BadInputError(f"The model does not take these values: {first[0][:SHOWN]}")
