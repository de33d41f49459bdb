"""Definitions in code against PostgreSQL, and which version serves."""

import datetime as dt
from dataclasses import replace

import pytest

from features.definitions import CUSTOMER_SESSION, VIEWS, EntityDefinition, FeatureDefinition, ViewDefinition
from features.models import Entity, FeatureView
from features.queries.view_schemas import view_schema
from features.services.activation import activate_view
from features.services.definitions import Kind, apply_definitions, definition_changes
from registry.exceptions import ConflictError, NotFoundError
from registry.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]
BROWSER = FeatureDefinition("browser", "string")
WIDER = replace(CUSTOMER_SESSION, features=(*CUSTOMER_SESSION.features, BROWSER))
NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


def versions() -> dict[int, bool]:
    return dict(FeatureView.objects.filter(name="customer_session").values_list("version", "is_active"))


def test_definitions_become_active_views_once() -> None:
    assert [each.kind for each in definition_changes()] == [Kind.NEW] * len(VIEWS)
    assert [each.kind for each in apply_definitions()] == [Kind.NEW] * len(VIEWS)
    assert [each.kind for each in apply_definitions()] == [Kind.UNCHANGED] * len(VIEWS)
    assert versions() == {1: True}
    assert view_schema("customer_session").names == tuple(each.name for each in CUSTOMER_SESSION.features)
    assert AuditEntry.objects.filter(action="feature_view.define").count() == len(VIEWS)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (WIDER, "+ browser (string)"),
        (replace(WIDER, features=WIDER.features[1:-1]), "- pages_viewed (int)"),
        (replace(WIDER, features=CUSTOMER_SESSION.features[::-1]), "another order of features"),
        (replace(CUSTOMER_SESSION, ttl_seconds=None), "TTL: 1800 s becomes none"),
        (replace(CUSTOMER_SESSION, source="SELECT 1"), "computed by another SQL"),
        (
            replace(CUSTOMER_SESSION, entity=EntityDefinition("visitor", ("id",))),
            "entity: customer becomes visitor",
        ),
        (
            replace(
                CUSTOMER_SESSION,
                features=(FeatureDefinition("pages_viewed", "float"), *CUSTOMER_SESSION.features[1:]),
            ),
            "pages_viewed: int becomes float",
        ),
    ],
)
def test_another_definition_is_an_inactive_version_beside_the_old_one(
    changed: ViewDefinition, told: str
) -> None:
    apply_definitions([CUSTOMER_SESSION])
    (change,) = apply_definitions([changed])
    assert (change.kind, change.version, change.details) == (Kind.CHANGED, 2, (told,))
    assert versions() == {1: True, 2: False}
    assert [each.kind for each in apply_definitions([changed])] == [Kind.UNCHANGED]


def test_a_definition_that_is_taken_back_is_the_old_version() -> None:
    apply_definitions([CUSTOMER_SESSION])
    apply_definitions([WIDER])
    (change,) = apply_definitions([CUSTOMER_SESSION])
    assert (change.kind, change.version) == (Kind.UNCHANGED, 1)


def test_other_words_are_no_other_version() -> None:
    apply_definitions([CUSTOMER_SESSION])
    described = (
        replace(CUSTOMER_SESSION.features[0], description="Of this visit"),
        *CUSTOMER_SESSION.features[1:],
    )
    (change,) = apply_definitions([replace(CUSTOMER_SESSION, owner="me", features=described)])
    view = FeatureView.objects.get(name="customer_session")
    assert (change.kind, view.version, view.owner) == (Kind.REWORDED, 1, "me")
    assert view.features.get(name="pages_viewed").description == "Of this visit"


def test_an_entity_keeps_its_join_keys() -> None:
    Entity.objects.create(name="customer", join_keys=["id"])
    with pytest.raises(ConflictError, match="has the join keys id"):
        apply_definitions()


def test_a_version_serves_once_it_is_materialised() -> None:
    apply_definitions([CUSTOMER_SESSION])
    FeatureView.objects.update(materialized_until=NOON)
    apply_definitions([WIDER])
    with pytest.raises(ConflictError, match="v2 is not materialised"):
        activate_view(name="customer_session", version=2)
    second = FeatureView.objects.filter(version=2)
    second.update(materialized_until=NOON - dt.timedelta(days=1))
    with pytest.raises(ConflictError, match="until .* the active one until"):
        activate_view(name="customer_session", version=2)
    second.update(materialized_until=NOON)
    assert activate_view(name="customer_session", version=2).is_active
    assert versions() == {1: False, 2: True}


def test_a_forced_version_serves_at_once_and_the_trail_says_so(
    django_capture_on_commit_callbacks: object,
) -> None:
    apply_definitions([CUSTOMER_SESSION])
    apply_definitions([WIDER])
    assert view_schema("customer_session").version == 1
    with django_capture_on_commit_callbacks(execute=True):
        activate_view(name="customer_session", version=2, force=True)
    activate_view(name="customer_session", version=2)
    assert view_schema("customer_session").version == 2
    entry = AuditEntry.objects.get(action="feature_view.activate")
    assert entry.details == {"version": 2, "before": 1, "force": True}


def test_a_version_that_is_not_there_can_not_serve() -> None:
    apply_definitions([CUSTOMER_SESSION])
    with pytest.raises(NotFoundError, match="no version 3; it has 1"):
        activate_view(name="customer_session", version=3)
