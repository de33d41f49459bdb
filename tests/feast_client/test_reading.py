"""``get_online_features`` and ``read`` of Feast's remote online store."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from feast import FeatureStore
from feast.errors import FeastPermissionError, FeatureViewNotFoundException
from feast.protos.feast.serving.ServingService_pb2 import FieldStatus

from tests.mlflow_client.platform_site import OurSite

SPENDING = ["orders", "amount", "city", "is_new", "months"]


def read(store: FeatureStore, *features: str, keys: list[Any], **named: bool) -> Any:
    rows = [{"customer_id": key} for key in keys]
    return store.get_online_features(features=list(features), entity_rows=rows, **named)


def statuses(response: Any) -> dict[str, list[str]]:
    names = response.proto.metadata.feature_names.val
    vectors = zip(names, response.proto.results, strict=True)
    return {name: [FieldStatus.Name(each) for each in vector.statuses] for name, vector in vectors}


def test_values_come_with_their_types(store: FeatureStore) -> None:
    found = read(store, *(f"spending:{name}" for name in SPENDING), keys=["1", "2"]).to_dict()
    assert found["customer_id"] == ["1", "2"]
    assert found["orders"] == [2**53 + 1, 0]
    assert found["amount"][0] == 12.5
    assert math.isnan(float(found["amount"][1]))
    assert found["city"] == ["Žilina", ""]
    assert found["is_new"] == [True, False]
    assert found["months"] == [[1.0, 2.5], None]  # the client takes no empty list


def test_missing_null_and_stale_are_told_apart(store: FeatureStore) -> None:
    found = read(store, "spending:orders", "spending:city", "session:pages", keys=["1", "3", "none"])
    assert found.to_dict()["pages"] == [None, None, None]
    assert statuses(found) == {
        "customer_id": ["PRESENT"] * 3,
        "orders": ["PRESENT", "PRESENT", "NOT_FOUND"],
        "city": ["PRESENT", "NULL_VALUE", "NOT_FOUND"],
        "pages": ["OUTSIDE_MAX_AGE", "NOT_FOUND", "NOT_FOUND"],
    }


def test_several_views_come_with_their_full_names(store: FeatureStore) -> None:
    found = read(store, "spending:orders", "session:cart", keys=["1"], full_feature_names=True).to_dict()
    assert found.keys() == {"customer_id", "spending__orders", "session__cart"}


def test_many_entities_come_in_their_order(store: FeatureStore) -> None:
    keys = [str(number) for number in range(599, 99, -1)]
    frame = read(store, "spending:orders", "spending:amount", keys=keys).to_df()
    assert list(frame["customer_id"]) == keys
    assert list(frame["orders"]) == [int(key) for key in keys]
    assert list(frame["amount"]) == [int(key) / 4 for key in keys]


def test_a_whole_number_is_the_same_entity_as_its_text(store: FeatureStore) -> None:
    assert read(store, "spending:orders", keys=[100]).to_dict()["orders"] == [100]


def test_an_unknown_view_and_feature_are_feast_s_own_errors(store: FeatureStore) -> None:
    with pytest.raises(FeatureViewNotFoundException, match="no feature view none"):
        read(store, "none:x", keys=["1"])
    with pytest.raises(Exception, match="has no feature 'x'"):
        read(store, "spending:x", keys=["1"])


@pytest.mark.parametrize("user", ["old"])
def test_an_expired_token_opens_nothing(store_of: Callable[..., FeatureStore], user: str) -> None:
    with pytest.raises(FeastPermissionError, match="needs a valid token"):
        read(store_of(user), "spending:orders", keys=["1"])


def test_nobody_reads_without_a_token(store_of: Callable[..., FeatureStore]) -> None:
    with pytest.raises(FeastPermissionError, match="needs a valid token"):
        read(store_of(), "spending:orders", keys=["1"])


def test_a_token_may_stand_in_the_address(site: OurSite, store_of: Callable[..., FeatureStore]) -> None:
    path = site.url.replace("//", f"//rex:{site.tokens['rex']}@")
    assert read(store_of(path=path), "spending:orders", keys=["100"]).to_dict()["orders"] == [100]
