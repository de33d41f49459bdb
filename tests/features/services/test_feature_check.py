"""Drift planted in the online features: found exactly, mended exactly."""

import datetime as dt
from typing import Any

import pytest
from django.conf import LazySettings

from features import keys
from features.models import FeatureView
from features.online import connection, feature_values
from features.queries import due_rows
from features.queries.view_schemas import view_schema
from features.services import feature_check
from features.services.feature_check import FeatureCheck
from features.services.materialization import materialize
from features.services.online_features import OnlineRow, read_online_features, write_online_features
from features.services.push import push_features
from registry import breakers
from registry.exceptions import StoreUnavailableError
from registry.models import ReconcileReport
from registry.sync.reconcile.drift import Finding, Terms
from registry.sync.reconcile.service import reconcile
from tests.factories import UserFactory, feature_value, feature_view
from tests.features.away import redis_is_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(seconds=5)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def view() -> FeatureView:
    """Four customers with an old and a new value, served; a version beside that is not."""
    view = feature_view()
    for key in "abcd":
        feature_value(view, key, NOW - dt.timedelta(days=1), 1.0)
        feature_value(view, key, NOW, 2.0)
    for _ in materialize(view=view):
        pass
    feature_value(feature_view(version=2, is_active=False), "a", NOW, 3.0)
    return view


def look() -> list[Finding]:
    return [finding for step in FeatureCheck().look(deep=False) for finding in step.found]


def found() -> set[tuple[str, str]]:
    return {(each.kind.value, each.subject) for each in look()}


def online(keys_: str = "abcd") -> list[float | None]:
    rows = read_online_features(view=view_schema("spending"), entity_keys=list(keys_))
    return [row.values[0] if row.values else None for row in rows]


def key_of(customer: str) -> str:
    return keys.feature_rows("customer", "spending", 1, [customer])[0]


def serve(key: str, total: float, at: dt.datetime) -> None:
    write_online_features(view=view_schema("spending"), rows=[OnlineRow(key, at, {"total": total})])


def mend(**named: Any) -> list[str]:
    """What was left alone; what was mended is looked at again."""
    findings, check = look(), FeatureCheck()
    mending = check.mend(findings, Terms(**named))
    left = {finding.subject for finding, _ in mending.left}
    assert check.still(findings) == left
    return sorted(left)


def test_what_is_served_as_it_should_be_is_no_finding(view: FeatureView) -> None:
    assert found() == set()


def test_every_way_of_drifting_is_found_and_mended(view: FeatureView, monkeypatch: Any) -> None:
    monkeypatch.setattr(feature_check, "CHUNK", 3)
    feature_values.delete([key_of("a"), key_of("b")])
    serve("b", 1.0, NOW - dt.timedelta(days=1))
    serve("c", 9.0, NOW)
    serve("d", 9.0, NOW + SECOND)
    feature_view("clean")
    feature_value(view, "e", NOW, 5.0)
    connection.store().set(key_of("e"), b"nonsense, long enough to have an event time")
    assert found() == {
        ("missing", "spending:a"),
        ("stale", "spending:b"),
        ("differing", "spending:c"),
        ("ahead", "spending:d"),
        ("altered", "spending:e"),
    }
    assert mend() == []
    assert (found(), online("abcde")) == (set(), [2.0, 2.0, 2.0, 2.0, 5.0])


def test_what_changes_while_it_is_looked_at_is_no_finding(view: FeatureView, monkeypatch: Any) -> None:
    feature_values.delete([key_of("a"), key_of("b")])
    read = due_rows.due_rows_of

    def read_then_written(*asked: Any) -> Any:
        rows = read(*asked)
        if not view.values.filter(values=[7.0]).exists():
            feature_value(view, "a", NOW + SECOND, 7.0)
        return rows

    monkeypatch.setattr(feature_check, "due_rows_of", read_then_written)
    assert found() == {("missing", "spending:b")}


def test_many_newer_events_are_left_alone(view: FeatureView) -> None:
    for key in "ab":
        serve(key, 9.0, NOW + SECOND)
    feature_values.delete([key_of("c")])
    assert mend(at_most=1) == ["spending:a", "spending:b"]
    assert online() == [9.0, 9.0, 2.0, 2.0]


def test_a_value_that_is_too_old_may_be_gone(view: FeatureView) -> None:
    short = feature_view("session", ttl_seconds=36 * 3_600)
    feature_value(short, "a", NOW - dt.timedelta(days=2), 1.0)
    assert found() == set()
    feature_value(short, "b", NOW, 1.0)
    assert found() == {("missing", "session:b")}


def test_a_push_on_its_way_is_no_finding(view: FeatureView, settings: LazySettings) -> None:
    user = UserFactory.create(is_superuser=True)
    with redis_is_away(settings, "STORE"):
        push_features(view="spending", rows=[OnlineRow("a", NOW + SECOND, {"total": 7.0})], user=user)
    breakers.reset_all()
    assert found() == set()


def test_an_event_of_the_future_is_not_due_yet(view: FeatureView) -> None:
    feature_value(view, "a", NOW + dt.timedelta(days=1), 7.0)
    assert found() == set()


def test_a_finding_whose_version_serves_no_more_is_settled(view: FeatureView) -> None:
    feature_values.delete([key_of("a")])
    findings = look()
    FeatureView.objects.filter(pk=view.pk).update(is_active=False)
    assert FeatureCheck().still(findings) == set()


def test_while_redis_is_away_nothing_is_said_of_it(view: FeatureView, settings: LazySettings) -> None:
    with redis_is_away(settings, "STORE"), pytest.raises(StoreUnavailableError):
        look()


def test_an_emptied_store_is_found_and_filled(view: FeatureView) -> None:
    connection.delete_keys(prefix=connection.settings.REDIS_KEY_PREFIX)
    assert ("missing", "the store") in found()
    assert mend() == []
    assert (found(), online()) == (set(), [2.0] * 4)


@pytest.mark.django_db(transaction=True)
def test_features_that_redis_lost_are_served_again_after_a_repair(view: FeatureView, mongo: Any) -> None:
    *_, _ = reconcile(repair=True)  # boards and bodies
    feature_values.delete([key_of(customer) for customer in "abcd"])
    *_, report = reconcile(repair=True)
    assert isinstance(report, ReconcileReport)
    assert (report.found, report.mended, online()) == (4, 4, [2.0] * 4)
