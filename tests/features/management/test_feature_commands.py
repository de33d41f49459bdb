"""The feature commands as a person runs them."""

import datetime as dt
from argparse import ArgumentTypeError
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import timezone

from features.definitions import VIEWS
from features.management.arguments import moment
from features.models import FeatureValue, FeatureView
from features.services.online_features import get_online_features
from registry import breakers
from tests.factories import CustomerFactory, PurchaseFactory
from tests.features.away import redis_is_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]


def said(*words: str, **named: Any) -> str:
    out = StringIO()
    call_command(*words, stdout=out, **named)
    return out.getvalue()


@pytest.fixture
def ann() -> None:
    PurchaseFactory.create(customer=CustomerFactory.create(customer_id="ann"))


def test_definitions_are_planned_then_applied() -> None:
    assert "customer_rfm: new, version 1" in said("apply_features", "--plan")
    assert not FeatureView.objects.exists()
    assert said("apply_features").endswith(f"{len(VIEWS)} of {len(VIEWS)} feature views changed.\n")
    assert said("apply_features").endswith(f"0 of {len(VIEWS)} feature views changed.\n")


def test_a_changed_definition_says_what_to_do_next() -> None:
    said("apply_features")
    FeatureView.objects.filter(name="customer_session").update(ttl_seconds=60)
    assert (
        "customer_session: changed, version 2 (TTL: 60 s becomes 1800 s). Next: materialize --view"
        " customer_session --version 2, then activate_features customer_session --version 2"
    ) in said("apply_features")
    with pytest.raises(CommandError, match="v2 is not materialised. Run `manage.py materialize"):
        said("activate_features", "customer_session", "--version", "2")
    assert "customer_session v2: 0 entities" in said(
        "materialize", "--view", "customer_session", "--version", "2"
    )
    assert said("activate_features", "customer_session", "--version", "2") == (
        "customer_session serves version 2.\n"
    )


def test_a_version_that_would_serve_fewer_entities_waits() -> None:
    said("apply_features")
    active = FeatureView.objects.get(name="customer_session")
    FeatureValue.objects.create(
        view=active, entity_key="ann", event_at=timezone.now(), values=[1, 2.0, True, "/"]
    )
    FeatureView.objects.filter(name="customer_session").update(ttl_seconds=60)
    said("apply_features")
    said("materialize", "--view", "customer_session", "--version", "2")
    with pytest.raises(CommandError, match="v2 has values of 0 entities, the active one of 1"):
        said("activate_features", "customer_session", "--version", "2")
    said("activate_features", "customer_session", "--version", "2", "--force")


def test_features_are_computed_and_served(ann: None) -> None:
    said("apply_features")
    days = ("--as-of", "1997-03-31", "--as-of", "1997-06-30")
    assert "Computed 8 snapshots: 6 rows are new or changed" in said("compute_features", *days)
    assert "Computed 1 snapshots: 0 rows" in said("compute_features", "--view", "customer_rfm", *days[:2])
    assert "customer_rfm v1: 1 entities, 1 newer than Redis had" in said("materialize")
    found = get_online_features(features=["customer_rfm:tenure_days"], entity_keys=["ann"])
    assert found.to_dict() == {"customer_rfm:tenure_days": [149]}


def test_features_as_of_now_need_no_date(ann: None) -> None:
    said("apply_features")
    assert "Computed 4 snapshots: 3 rows" in said("compute_features")


def test_what_is_missing_is_said() -> None:
    with pytest.raises(CommandError, match="apply_features"):
        said("compute_features")
    with pytest.raises(CommandError, match="defines no feature view nothing"):
        said("compute_features", "--view", "nothing")
    with pytest.raises(CommandError, match="nothing has no active version"):
        said("materialize", "--view", "nothing")
    with pytest.raises(CommandError, match="--version needs --view"):
        said("materialize", "--version", "2")
    with pytest.raises(CommandError, match="has no version 2; it has none at all"):
        said("activate_features", "nothing", "--version", "2")


def test_without_redis_materialize_fails_and_goes_on_later(ann: None, settings: LazySettings) -> None:
    said("apply_features")
    said("compute_features")
    with redis_is_away(settings, "STORE"), pytest.raises(CommandError, match="run it again to go on"):
        said("materialize", "--view", "customer_rfm")
    breakers.reset_all()
    said("materialize", "--view", "customer_rfm")
    found = get_online_features(features=["customer_rfm:frequency"], entity_keys=["ann"])
    assert found.to_dict() == {"customer_rfm:frequency": [0]}


def test_a_moment_is_utc_where_it_says_nothing_else() -> None:
    assert moment("1998-03-31") == dt.datetime(1998, 3, 31, tzinfo=dt.UTC)
    assert moment("1998-03-31T12:00+02:00") == dt.datetime(1998, 3, 31, 10, tzinfo=dt.UTC)
    with pytest.raises(ArgumentTypeError, match="is no date"):
        moment("tomorrow")
