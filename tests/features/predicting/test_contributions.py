# ruff: noqa: PD011 (the values are a tuple)
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from features.predicting.contributions import contributions, replacement_effects
from features.predicting.servable import servable
from tests.features.served import churn

ROWS = np.random.default_rng(1).normal(size=(40, 3))
CLASSES = (ROWS[:, 0] > 0).astype(int)


def test_a_linear_models_terms_add_up_to_its_log_odds() -> None:
    model = servable(churn(), size_bytes=1)
    told = contributions(model, [0.5, None])
    assert told is not None
    assert (told.kind, told.unit) == ("linear", "log-odds of 1")
    assert told.base + sum(told.values) == pytest.approx(told.total)
    share = churn().predict_proba([[0.5, np.nan]])[0, 1]
    assert 1 / (1 + np.exp(-told.total)) == pytest.approx(share)
    assert told.values[0] > 0


def test_columns_that_are_made_of_one_feature_count_for_it() -> None:
    frame = pd.DataFrame(ROWS, columns=["a", "b", "c"])
    frame.loc[0, "b"] = np.nan
    steps = (
        SimpleImputer(strategy="median", add_indicator=True),
        FunctionTransformer(np.sign, feature_names_out="one-to-one"),
    )
    model = servable(make_pipeline(*steps, LogisticRegression()).fit(frame, CLASSES), size_bytes=1)
    told = contributions(model, [1.0, None, 2.0])
    assert told is not None
    assert (told.kind, len(told.values)) == ("linear", 3)
    assert told.base + sum(told.values) == pytest.approx(told.total)


def test_a_regression_is_explained_in_its_own_unit() -> None:
    model = servable(LinearRegression().fit(ROWS, ROWS @ [1.0, 2.0, 0.0]), size_bytes=1)
    told = contributions(model, [1.0, 1.0, 1.0])
    assert told is not None
    assert told.unit == "the prediction"
    assert np.allclose(told.values, [1.0, 2.0, 0.0], atol=1e-9)


@pytest.mark.parametrize("classes", [2, 3])
def test_another_model_is_explained_by_replacing_values_by_its_own_medians(classes: int) -> None:
    answers = np.digitize(ROWS[:, 0], [0.5] if classes == 2 else [-0.5, 0.5])
    forest = RandomForestClassifier(n_estimators=5, random_state=0)
    model = servable(make_pipeline(SimpleImputer(strategy="median"), forest).fit(ROWS, answers), size_bytes=1)
    told = contributions(model, [2.0, 0.1, 0.1])
    assert told is not None
    assert (told.kind, told.unit) == ("replaced", f"probability of {classes - 1}")
    assert told.values[0] == max(told.values) > 0
    assert replacement_effects(model, np.median(ROWS, axis=0).tolist()).values == (0.0, 0.0, 0.0)


def test_a_regression_without_terms_is_explained_by_replacing_too() -> None:
    steps = (SimpleImputer(strategy="median"), PolynomialFeatures(degree=2))
    model = make_pipeline(*steps, LinearRegression()).fit(ROWS, ROWS[:, 0] ** 2)
    told = contributions(servable(model, size_bytes=1), [2.0, 0.0, 0.0])
    assert told is not None
    assert (told.kind, told.unit) == ("replaced", "the prediction")


def test_nothing_is_said_where_nothing_can_be_told() -> None:
    forest = RandomForestClassifier(n_estimators=2, random_state=0).fit(ROWS, CLASSES)
    mixed = make_pipeline(ColumnTransformer([("all", StandardScaler(), [0, 1, 2])]), LogisticRegression())
    multi = LogisticRegression().fit(ROWS, np.digitize(ROWS[:, 0], [-0.5, 0.5]))
    for model in (forest, mixed.fit(ROWS, CLASSES), multi):
        assert contributions(servable(model, size_bytes=1), [1.0, 1.0, 1.0]) is None


def test_a_model_of_several_outputs_is_not_explained() -> None:
    model = make_pipeline(SimpleImputer(strategy="median"), DecisionTreeRegressor())
    model.fit([[0.0], [1.0]], [[0.0, 1.0], [1.0, 2.0]])
    assert contributions(servable(model, size_bytes=1), [1.0]) is None
