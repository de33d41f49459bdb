"""``FeatureStore.push`` and ``write_to_online_store`` through the remote online store."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from feast import FeatureStore
from feast.data_source import PushMode
from feast.errors import FeastPermissionError


def frame(key: str, **values: Any) -> pd.DataFrame:
    given = {"pages": 5, "cart": 12.25, "event_timestamp": dt.datetime.now(dt.UTC), **values}
    return pd.DataFrame({"customer_id": [key], **{name: [value] for name, value in given.items()}})


def session(store: FeatureStore, key: str) -> dict[str, Any]:
    found: dict[str, Any] = store.get_online_features(
        features=["session:pages", "session:cart"], entity_rows=[{"customer_id": key}]
    ).to_dict()
    return found


def test_what_is_pushed_is_read_at_once(store: FeatureStore) -> None:
    store.push("session", frame("new"), to=PushMode.ONLINE)
    assert session(store, "new") == {"customer_id": ["new"], "pages": [5], "cart": [12.25]}


def test_what_is_written_replaces_a_stale_value(store: FeatureStore) -> None:
    assert session(store, "4")["pages"] == [None]
    store.write_to_online_store("session", frame("4", pages=6))
    assert session(store, "4")["pages"] == [6]


def test_an_older_event_replaces_nothing(store: FeatureStore) -> None:
    store.write_to_online_store("session", frame("2"))
    earlier = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)
    store.write_to_online_store("session", frame("2", pages=1, event_timestamp=earlier))
    assert session(store, "2")["pages"] == [5]


@pytest.mark.parametrize("user", ["rex", "eve"])
def test_who_may_not_write_does_not(store_of: Callable[..., FeatureStore], user: str) -> None:
    """Rex's token only reads; Eve has no right to add feature values."""
    with pytest.raises(FeastPermissionError):
        store_of(user).push("session", frame("3"), to=PushMode.ONLINE)
