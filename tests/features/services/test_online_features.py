import datetime as dt
import math

import pytest

from features.models import Entity, Feature, FeatureValue, FeatureView
from features.queries.view_schemas import view_schema
from features.services.online_features import (
    OnlineRow,
    Status,
    get_online_features,
    read_online_features,
    write_online_features,
)
from features.view_schema import FeatureField, ViewSchema

pytestmark = pytest.mark.usefixtures("redis_keys")
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
TYPES = ("float", "int", "bool", "string", "vector")


def schema(**changed: object) -> ViewSchema:
    fields = tuple(FeatureField(f"a_{each}", each) for each in TYPES)
    made = {
        "name": "all",
        "version": 1,
        "entity": "customer",
        "join_keys": ("customer_id",),
        "ttl_seconds": None,
    }
    return ViewSchema(**{**made, "fields": fields, **changed})


VALUES = {
    "a_float": math.inf,
    "a_int": -(1 << 63),
    "a_bool": True,
    "a_string": "ž\0{}",
    "a_vector": [1.5, -0.0],
}


def test_values_come_back_as_they_were_written() -> None:
    view = schema()
    rows = [OnlineRow("c1", NOW, VALUES), OnlineRow("}{:c2", NOW, {})]
    assert write_online_features(view=view, rows=rows) == 2
    first, second, none = read_online_features(view=view, entity_keys=["c1", "}{:c2", "c3"])
    assert (first.status, first.values) == (Status.PRESENT, tuple(VALUES.values()))
    assert first.event_ms == NOW.timestamp() * 1_000
    assert (second.status, second.values) == (Status.PRESENT, (None,) * 5)
    assert none == (Status.NOT_FOUND, None, None, None)


@pytest.mark.django_db
def test_several_views_are_read_at_once() -> None:
    entity = Entity.objects.create(name="customer", join_keys=["customer_id"])
    for name in ("one", "two"):
        made = FeatureView.objects.create(name=name, entity=entity)
        Feature.objects.create(view=made, name="x", value_type="float")
        FeatureValue.objects.create(view=made, entity_key="7", event_at=NOW, values={"x": 1.5})
    write_online_features(view=view_schema("one"), rows=[OnlineRow("7", NOW, {"x": 2.5})])
    found = get_online_features(features=["one:x", "two:x"], entities={"customer_id": [7, 8]})
    assert (found.source, found.to_dict()) == ("online", {"one:x": [2.5, None], "two:x": [None, None]})
