"""What each feature did to a prediction, as far as that can be told honestly. Plain Python, no Django.

Two ways, each named in the answer. ``linear``: the model is a sum, and these are its terms; ``replaced``:
what changes when one value alone is replaced by the median of the training rows (this does not add up).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .servable import ServableModel
from .table import table_of

Kind = Literal["linear", "replaced"]
EXACT = 1e-6
INDICATOR = "missingindicator_"


@dataclass(frozen=True, slots=True)
class Contributions:
    """What each value of a row did, in the row's order.

    Attributes:
        unit: what the values are measured in, such as ``log-odds of 1``.
        base: ``linear``: what the terms are added to; ``replaced``: the prediction that they change.
        total: ``linear``: the sum of all; ``replaced``: the prediction again.
    """

    kind: Kind
    unit: str
    base: float
    total: float
    values: tuple[float, ...]


def contributions(model: ServableModel, row: Sequence[Any]) -> Contributions | None:
    """Terms of a linear model, else the effects of replacing values; None where neither can be told."""
    return linear_terms(model, row) or replacement_effects(model, row)


def linear_terms(model: ServableModel, row: Sequence[Any]) -> Contributions | None:
    """Coefficient times transformed value, added up for each feature.

    None unless every transformed column is of one feature, and the terms do add up to the model's own score.
    """
    last = _steps(model.estimator)[-1]
    weights = np.asarray(getattr(last, "coef_", np.empty((2, 2))), dtype=np.float64)
    if weights.ndim > 1 and weights.shape[0] != 1:
        return None
    table = table_of([row], width=model.width, columns=model.columns)
    owners = _owners(model, len(row))
    if owners is None:
        return None
    transformed = table if last is model.estimator else model.estimator[:-1].transform(table)
    terms = weights.ravel() * np.asarray(transformed, dtype=np.float64).ravel()
    base = float(np.ravel(getattr(last, "intercept_", 0.0))[0])
    score = last.decision_function if hasattr(last, "decision_function") else last.predict
    total = float(np.ravel(score(transformed))[0])
    if not math.isclose(base + float(terms.sum()), total, rel_tol=EXACT, abs_tol=EXACT):
        return None
    sums = np.bincount(owners, weights=terms, minlength=len(row))
    return Contributions("linear", _score_unit(model, total, table), base, total, tuple(sums.tolist()))


def replacement_effects(model: ServableModel, row: Sequence[Any]) -> Contributions | None:
    """The prediction less the one with the training median instead of one value, for each value.

    The medians are those that the model itself fills in; None for a model that has none, or
    several outputs.
    """
    medians = _medians(model)
    if medians is None or len(medians) != len(row):
        return None
    changed = [
        [medians[at] if at == place else value for at, value in enumerate(row)] for place in range(len(row))
    ]
    table = table_of([row, *changed], width=model.width, columns=model.columns)
    if model.classes:
        shares = np.asarray(model.estimator.predict_proba(table))
        chosen = 1 if len(model.classes) == 2 else int(shares[0].argmax())  # noqa: PLR2004 (yes or no)
        scores, unit = shares[:, chosen], f"probability of {model.classes[chosen]}"
    else:
        scores, unit = np.asarray(model.estimator.predict(table), dtype=np.float64), "the prediction"
    if scores.ndim != 1:
        return None
    effects = tuple((scores[0] - scores[1:]).tolist())
    return Contributions("replaced", unit, float(scores[0]), float(scores[0]), effects)


def _steps(estimator: Any) -> list[Any]:
    return [step for _, step in estimator.steps] if hasattr(estimator, "steps") else [estimator]


def _owners(model: ServableModel, width: int) -> list[int] | None:
    """For each transformed column the feature that it is of; None where one is of several, or unknown."""
    names = list(model.columns) or [f"x{place}" for place in range(width)]
    try:
        out = model.estimator[:-1].get_feature_names_out(names) if len(_steps(model.estimator)) > 1 else names
    except (AttributeError, ValueError, TypeError):
        return None
    places = {name: place for place, name in enumerate(names)}
    found = [places.get(str(each).removeprefix(INDICATOR)) for each in out]
    return None if None in found else [each for each in found if each is not None]


def _medians(model: ServableModel) -> list[float] | None:
    first = _steps(model.estimator)[0]
    if getattr(first, "strategy", "") != "median" or not hasattr(first, "statistics_"):
        return None
    return [float(each) for each in first.statistics_]


def _score_unit(model: ServableModel, total: float, table: Any) -> str:
    if len(model.classes) != 2:  # noqa: PLR2004 (yes or no)
        return "the prediction"
    share = float(model.estimator.predict_proba(table)[0, 1])
    is_logistic = math.isclose(1 / (1 + math.exp(-max(min(total, 700.0), -700.0))), share, abs_tol=EXACT)
    return f"{'log-odds' if is_logistic else 'score'} of {model.classes[1]}"
