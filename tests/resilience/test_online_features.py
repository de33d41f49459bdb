"""Online features with a Redis of their own that is killed, hung and full."""

import datetime as dt
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from features.models import Entity, Feature, FeatureValue, FeatureView
from features.online import connection, whole
from features.queries.view_schemas import view_schema
from features.services import materialization
from features.services.online_features import (
    OnlineFeatures,
    OnlineRow,
    get_online_features,
    write_online_features,
)
from features.services.push import push_features
from registry.breakers import REDIS_STORE, State
from registry.exceptions import StoreUnavailableError
from registry.models import OutboxEntry
from registry.sync import relay
from tests.factories import UserFactory
from tests.resilience.redis_server import Server, store_of_its_own
from tests.resilience.timing import timed, until

pytestmark = [pytest.mark.fault, pytest.mark.django_db]
NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with store_of_its_own(tmp_path, monkeypatch, connection) as server:
        yield server


@pytest.fixture
def _value(server: Server) -> None:
    """Customer 7 has 1.0 in the history and 2.0 online."""
    entity = Entity.objects.create(name="customer", join_keys=["customer_id"])
    view = FeatureView.objects.create(name="rfm", entity=entity)
    Feature.objects.create(view=view, name="x", value_type="float")
    FeatureValue.objects.create(view=view, entity_key="7", event_at=NOW, values=[1.0])
    whole.end(whole.begin() or "")
    assert write(2.0) == 1


def write(value: float) -> int:
    return write_online_features(view=view_schema("rfm"), rows=[OnlineRow("7", NOW, {"x": value})])


def read() -> OnlineFeatures:
    return get_online_features(features=["rfm:x"], entity_keys=["7"])


def told() -> tuple[str, float]:
    found = read()
    return found.source, found.to_dict()["rfm:x"][0]


@pytest.mark.usefixtures("_value")
def test_a_killed_redis_is_stood_in_for_and_comes_back_by_itself(server: Server) -> None:
    server.kill()
    assert [told() for _ in range(5)] == [("offline", 1.0)] * 5
    assert REDIS_STORE.state is State.OPEN
    with pytest.raises(StoreUnavailableError):
        write(3.0)
    server.start()
    until(lambda: told() == ("online", 2.0), seconds=20)


@pytest.mark.usefixtures("_value")
def test_a_hung_redis_costs_three_timeouts_and_nobody_gets_its_late_answers(server: Server) -> None:
    server.signal(signal.SIGSTOP)
    with timed() as took:
        assert [told() for _ in range(10)] == [("offline", 1.0)] * 10
    assert took.seconds < 5
    server.signal(signal.SIGCONT)
    until(lambda: told() == ("online", 2.0), seconds=20)
    assert {told() for _ in range(20)} == {("online", 2.0)}


@pytest.mark.usefixtures("_value")
def test_a_full_redis_still_reads_and_says_that_it_takes_no_writes(server: Server) -> None:
    server.client.config_set("maxmemory", 1)
    with pytest.raises(StoreUnavailableError, match="takes no writes"):
        write(3.0)
    assert told() == ("online", 2.0)
    assert REDIS_STORE.state is State.CLOSED
    server.client.config_set("maxmemory", 0)
    assert write(3.0) == 1
    assert told() == ("online", 3.0)


@pytest.mark.usefixtures("_value")
@pytest.mark.parametrize("fault", ["killed", "hung", "full"])
def test_a_push_is_taken_in_every_fault_and_delivered_after_it(
    server: Server, settings: LazySettings, fault: str
) -> None:
    settings.REDIS_STORE_URL = f"redis://127.0.0.1:{server.port}/0"
    user = UserFactory.create(is_superuser=True)
    rows = [OnlineRow("7", NOW + dt.timedelta(seconds=1), {"x": 9.0})]
    server.begin(fault)
    with timed() as took:
        assert push_features(view="rfm", rows=rows, user=user).is_online is False
    assert took.seconds < 5
    relay.drain()
    assert OutboxEntry.objects.count() == 1
    server.end(fault)
    until(lambda: relay.drain() == 1, seconds=20)
    until(lambda: told() == ("online", 9.0), seconds=20)


@pytest.mark.usefixtures("_value")
@pytest.mark.parametrize("fault", ["killed", "hung", "full"])
def test_materialisation_stops_in_every_fault_and_goes_on_after_it(
    server: Server, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    view = FeatureView.objects.get()
    for key in ("8", "9"):
        FeatureValue.objects.create(view=view, entity_key=key, event_at=NOW, values=[5.0])
    monkeypatch.setattr(materialization, "CHUNK", 1)
    steps = materialization.materialize(view=view)
    assert [next(steps).done, next(steps).done] == [0, 1]
    server.begin(fault)
    with pytest.raises(StoreUnavailableError):
        next(steps)
    server.end(fault)
    until(server.answers, seconds=20)
    until(REDIS_STORE.admits, seconds=20)
    *_, last = materialization.materialize(view=view)
    assert last.done >= 2
    assert get_online_features(features=["rfm:x"], entity_keys=["7", "8", "9"]).to_dict() == {
        "rfm:x": [2.0, 5.0, 5.0]  # what was written later than the history stands
    }
