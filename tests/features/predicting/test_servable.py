from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from features.predicting.servable import servable
from features.predicting.table import named_rows, table_of
from registry.exceptions import BadInputError
from tests.features.served import churn

NAMED = LogisticRegression().fit(pd.DataFrame({"age": [1.0, 2.0], "spent": [0.0, 1.0]}), ["stays", "leaves"])


def test_a_missing_value_is_filled_by_a_model_that_does_so() -> None:
    assert servable(churn(), size_bytes=1).predict([[None, 1.0]])[0].prediction in (0, 1)


def test_a_missing_value_is_told_where_the_model_fills_none_in() -> None:
    model = servable(churn(fills=False), size_bytes=1)
    with pytest.raises(BadInputError, match=r"missing in 1 of 2 rows \(row 1\)"):
        model.predict([[1.0, 1.0], [None, 1.0]])


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ([1.0], "Row 1 has 1 values; the model takes 2"),
        ([1.0, 2.0, 3.0], "Row 1 has 3 values"),
        ([1.0, "two"], "In row 1, value 1 is text"),
        ([1.0, [2.0]], "value 1 is a list"),
        ([1.0, {}], "value 1 is an object"),
        ([1.0, 10**400], "beyond 64 bits"),
    ],
)
def test_a_row_that_the_model_does_not_take_is_told(row: list[Any], why: str) -> None:
    with pytest.raises(BadInputError, match=why):
        servable(churn(), size_bytes=1).predict([[0.0, 0.0], row])


def test_a_model_with_names_takes_rows_by_name_in_its_own_order() -> None:
    model = servable(NAMED, size_bytes=1)
    rows = named_rows([{"spent": 1.0, "age": 2.0}], columns=model.columns)
    assert rows == [[2.0, 1.0]]
    assert model.predict(rows)[0].prediction == NAMED.predict(pd.DataFrame({"age": [2.0], "spent": [1.0]}))[0]
    assert model.classes == ("leaves", "stays")


def test_text_that_a_model_with_names_does_not_take_is_told() -> None:
    with pytest.raises(BadInputError, match="does not take these values"):
        servable(NAMED, size_bytes=1).predict([["old", 1.0]])


@pytest.mark.parametrize(
    ("row", "why"),
    [({"age": 1.0}, "lacks 'spent'"), ({"age": 1.0, "spent": 1.0, "x": 1}, "has 'x', which the model")],
)
def test_a_row_with_other_names_is_told(row: dict[str, Any], why: str) -> None:
    with pytest.raises(BadInputError, match=why):
        named_rows([row], columns=["age", "spent"])
    with pytest.raises(BadInputError, match="fitted without names"):
        named_rows([row], columns=[])


def test_a_regression_has_no_probabilities() -> None:
    model = servable(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]), size_bytes=1)
    assert model.predict([[2.0]])[0].probabilities is None
    assert model.predict([[2.0]])[0].prediction == pytest.approx(4.0)


def test_rows_of_a_model_that_does_not_say_its_width_are_as_long_as_the_first() -> None:
    assert table_of([[1, None]], width=None, columns=()).shape == (1, 2)
    with pytest.raises(BadInputError, match="the model takes 2"):
        table_of([[1, 2], [1]], width=None, columns=())
    assert np.isnan(table_of([[None]], width=None, columns=())).all()


def test_a_model_of_several_outputs_tells_a_list_of_each_row() -> None:
    model = servable(KNeighborsClassifier(1).fit([[0.0], [1.0]], [[0, 5], [1, 6]]), size_bytes=1)
    (answer,) = model.predict([[1.0]])
    assert (answer.prediction, answer.probabilities, answer.classes) == ([1, 6], None, ())


@pytest.mark.parametrize("classes", [[b"a", b"b"], [2**70, 2**71]], ids=str)
def test_answers_that_json_cannot_tell_are_refused(classes: list[Any]) -> None:
    labels = np.array(classes, dtype=object if classes[0] == 2**70 else None)
    estimator = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    estimator.classes_ = labels
    with pytest.raises(BadInputError, match="can't be told as JSON"):
        servable(estimator, size_bytes=1).predict([[1.0]])


def test_whatever_a_damaged_model_raises_is_a_refusal() -> None:
    damaged = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    damaged.coef_ = None
    with pytest.raises(BadInputError, match="does not take these values"):
        servable(damaged, size_bytes=1).predict([[1.0]])
