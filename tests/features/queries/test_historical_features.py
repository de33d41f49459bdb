"""Training sets: what was known at each row's time, and nothing that came later."""

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.models import FeatureValue, FeatureView
from features.queries.historical_features import get_historical_features
from registry.exceptions import BadInputError, NotFoundError
from tests.factories import feature_value, feature_view

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
SECOND = dt.timedelta(seconds=1)
TYPES = {"f": "float", "i": "int", "b": "bool", "s": "string", "v": "vector"}


def rows(*asked: tuple[Any, dt.datetime]) -> pd.DataFrame:
    return pd.DataFrame(asked, columns=["customer_id", "event_timestamp"])


def totals(entities: pd.DataFrame, **named: Any) -> list[float | None]:
    found = get_historical_features(entities=entities, features=["spending:total"], **named)
    return [None if pd.isna(each) else each for each in found["spending:total"]]


def test_a_row_gets_the_last_value_at_or_before_its_time() -> None:
    view = feature_view()
    feature_value(view, "1", NOON, 1.0)
    feature_value(view, "1", NOON + HOUR, 2.0)
    times = [NOON - SECOND, NOON, NOON + HOUR - SECOND, NOON + HOUR, NOON + 999 * HOUR]
    assert totals(rows(*((1, time) for time in times))) == [None, 1.0, 1.0, 2.0, 2.0]


def test_a_value_that_is_older_than_the_ttl_was_is_missing() -> None:
    feature_value(feature_view(ttl_seconds=60), "1", NOON, 1.0)
    times = [NOON + 60 * SECOND, NOON + 61 * SECOND]
    assert totals(rows(*((1, time) for time in times))) == [1.0, None]


def test_each_entity_has_its_own_values() -> None:
    view = feature_view()
    feature_value(view, "1", NOON, 1.0)
    feature_value(view, "2", NOON, 2.0)
    assert totals(rows((2, NOON), (3, NOON), (1, NOON))) == [2.0, None, 1.0]


def test_another_version_is_asked_for_by_its_number() -> None:
    feature_value(feature_view(), "1", NOON, 1.0)
    feature_value(feature_view(version=2, is_active=False), "1", NOON, 2.0)
    assert totals(rows((1, NOON))) == [1.0]
    assert totals(rows((1, NOON)), versions={"spending": 2}) == [2.0]


def test_types_and_columns_and_index_are_kept() -> None:
    feature_value(feature_view("all", features=TYPES), "1", NOON, 0, 1 << 62, False, "ž", [1, "NaN"])
    asked = rows((1, NOON), (2, NOON)).assign(label=[True, False]).set_index(pd.Index([7, 7]))
    features = [f"all:{name}" for name in reversed(TYPES)]
    found = get_historical_features(entities=asked, features=features)
    assert list(found.columns) == ["customer_id", "event_timestamp", "label", *features]
    assert list(found.index) == [7, 7]
    assert "all:v" not in asked.columns
    assert [str(found[f"all:{name}"].dtype) for name in TYPES] == [
        "float64", "Int64", "boolean", "string", "object",
    ]  # fmt: skip
    there, absent = found.to_dict("records")
    assert (there["all:f"], there["all:i"], there["all:b"], there["all:s"]) == (0.0, 1 << 62, False, "ž")
    assert repr(there["all:v"]) == "[1.0, nan]"
    assert all(absent[f"all:{name}"] is None or pd.isna(absent[f"all:{name}"]) for name in TYPES)


def test_times_without_a_zone_are_utc_and_others_are_moved_there() -> None:
    view = feature_view()
    feature_value(view, "1", NOON, 1.0)
    naive = pd.DataFrame({"customer_id": ["1"], "event_timestamp": ["2026-01-01 11:59:59"]})
    east = pd.DataFrame({"customer_id": ["1"], "event_timestamp": ["2026-01-01 14:00:00+02:00"]})
    assert (totals(naive), totals(east)) == ([None], [1.0])


def test_one_statement_a_view_whatever_the_rows() -> None:
    for name in ("one", "two"):
        feature_value(feature_view(name), "1", NOON, 1.0)
    features = ["one:total", "two:total"]
    get_historical_features(entities=rows((1, NOON)), features=features)
    for count in (1, 500):
        with CaptureQueriesContext(connection) as caught:
            get_historical_features(entities=rows(*[(1, NOON)] * count), features=features)
        assert len(caught) == 2


def test_no_rows_are_no_rows() -> None:
    feature_view()
    found = get_historical_features(entities=rows(), features=["spending:total"])
    assert (len(found), str(found["spending:total"].dtype)) == (0, "float64")


@pytest.mark.parametrize(
    ("entities", "feature", "told"),
    [
        (rows((1, NOON)), "total", "as view:feature, not 'total'"),
        (rows((1, NOON)), "spending:else", "no feature 'else'"),
        (rows((1, NOON)).drop(columns="customer_id"), "spending:total", "join key 'customer_id' is missing"),
        (
            rows((1, NOON)).drop(columns="event_timestamp"),
            "spending:total",
            "need the column event_timestamp",
        ),
        (rows((1, None)), "spending:total", "missing in 1 rows"),
        (rows((1, "soon")), "spending:total", "something that is no time"),
        (rows((1.5, NOON)), "spending:total", "takes text or a whole number"),
    ],
)
def test_what_can_not_be_joined_is_said(entities: pd.DataFrame, feature: str, told: str) -> None:
    feature_view()
    with pytest.raises(BadInputError, match=told):
        get_historical_features(entities=entities, features=[feature])


def test_a_view_that_is_not_there_is_said() -> None:
    with pytest.raises(NotFoundError):
        get_historical_features(entities=rows((1, NOON)), features=["nothing:total"])


def by_hand(
    history: dict[tuple[str, int], float], key: str, at: int, ttl_seconds: int | None
) -> float | None:
    """The slow and obvious way: look through everything."""
    known = [
        (event, value)
        for (whose, event), value in history.items()
        if whose == key and event <= at and (ttl_seconds is None or at - event <= ttl_seconds)
    ]
    return max(known)[1] if known else None


moments = st.integers(0, 40)
customers = st.sampled_from("abc")
histories = st.dictionaries(st.tuples(customers, moments), st.floats(0, 1), max_size=25)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    history=histories,
    asked=st.lists(st.tuples(customers, moments), max_size=10),
    ttl_seconds=st.none() | st.integers(0, 30),
)
def test_a_join_is_what_looking_through_everything_gives(
    history: dict[tuple[str, int], float],
    asked: list[tuple[str, int]],
    ttl_seconds: int | None,
) -> None:
    with transaction.atomic():
        name = f"v{FeatureView.objects.count()}"
        view = feature_view(name, ttl_seconds=ttl_seconds)
        FeatureValue.objects.bulk_create(
            FeatureValue(view=view, entity_key=key, event_at=NOON + at * SECOND, values=[value])
            for (key, at), value in history.items()
        )
        found = get_historical_features(
            entities=rows(*((key, NOON + at * SECOND) for key, at in asked)), features=[f"{name}:total"]
        )
    values = [None if pd.isna(each) else each for each in found[f"{name}:total"]]
    assert values == [by_hand(history, key, at, ttl_seconds) for key, at in asked]
