"""Entities and views in the admin: made, described and activated, never redefined."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from features.models import Entity, Feature, FeatureView
from registry.models import AuditEntry
from tests.factories import feature_value, feature_view
from tests.features.services.test_materialization import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]
LIST = "admin:features_featureview_changelist"


def posted(client: Client, route: str, /, *arguments: Any, **fields: Any) -> tuple[int, str]:
    answer = client.post(reverse(f"admin:features_{route}", args=arguments), fields, follow=True)
    return answer.status_code, answer.content.decode()


def inline(**rows: str) -> dict[str, str]:
    """The form's rows of features: name to type."""
    form = {"features-TOTAL_FORMS": str(len(rows)), "features-INITIAL_FORMS": "0"}
    for place, (name, value_type) in enumerate(rows.items()):
        form |= {
            f"features-{place}-name": name,
            f"features-{place}-value_type": value_type,
            f"features-{place}-position": str(place),
        }
    return form


def trail() -> list[tuple[str, str, str]]:
    entries = AuditEntry.objects.order_by("pk")
    return list(entries.values_list("action", "subject_id", "channel"))


def test_a_view_is_made_and_the_next_of_its_name_is_a_version_beside_it(admin_client: Client) -> None:
    entity = Entity.objects.create(name="shop", join_keys=["shop_id"])
    for types in ({"sales": "float"}, {"sales": "float", "open": "bool"}):
        posted(admin_client, "featureview_add", name="shop_sales", entity=entity.pk, **inline(**types))
    first, second = FeatureView.objects.order_by("version")
    assert ((first.version, first.is_active), (second.version, second.is_active)) == ((1, True), (2, False))
    assert list(second.features.values_list("name", "value_type")) == [("sales", "float"), ("open", "bool")]
    assert trail() == [("feature_view.define", "shop_sales", "web")] * 2


def test_a_name_that_can_not_be_asked_for_is_refused(admin_client: Client) -> None:
    entity = Entity.objects.create(name="shop", join_keys=["shop_id"])
    _, page = posted(
        admin_client, "featureview_add", name="shop:sales", entity=entity.pk, **inline(sales="float")
    )
    assert "Letters, digits, _, - and . only." in page
    assert not FeatureView.objects.exists()


def test_of_a_version_that_stands_only_the_words_change(admin_client: Client) -> None:
    view = feature_view(ttl_seconds=60)
    (feature,) = view.features.all()
    form = inline(other="int") | {
        "features-INITIAL_FORMS": "1", "features-0-id": feature.pk, "features-0-view": view.pk,
        "features-0-description": "In all",
    }  # fmt: skip
    form |= {"name": "x", "version": 9, "ttl_seconds": 1, "owner": "me"}
    posted(admin_client, "featureview_change", view.pk, **form)
    view.refresh_from_db()
    assert (view.name, view.version, view.ttl_seconds, view.owner) == ("spending", 1, 60, "me")
    assert list(Feature.objects.values_list("name", "value_type", "description")) == [
        ("total", "float", "In all")
    ]
    assert trail() == [("feature_view.reword", "spending", "web")]


def test_a_version_is_activated_by_an_action_that_says_what_is_missing(admin_client: Client) -> None:
    feature_view()
    second = feature_view(version=2, is_active=False)
    chosen = {"action": "activate", "_selected_action": second.pk}
    assert "is not materialised" in posted(admin_client, "featureview_changelist", **chosen)[1]
    FeatureView.objects.filter(pk=second.pk).update(materialized_until=NOON)
    assert "Version 2 of spending serves." in posted(admin_client, "featureview_changelist", **chosen)[1]
    assert list(FeatureView.objects.filter(is_active=True)) == [second]


def test_a_version_that_serves_or_has_values_is_not_deleted(admin_client: Client) -> None:
    active, second = feature_view(), feature_view(version=2, is_active=False)
    value = feature_value(second, "a", NOON, 1.0)
    for view in (active, second):
        assert posted(admin_client, "featureview_delete", view.pk, post="yes")[0] == 403
    value.delete()
    posted(admin_client, "featureview_delete", second.pk, post="yes")
    assert list(FeatureView.objects.all()) == [active]
    assert "delete_selected" not in admin_client.get(reverse(LIST)).content.decode()


def test_an_entity_that_views_depend_on_keeps_its_join_keys(admin_client: Client) -> None:
    posted(admin_client, "entity_add", name="customer", join_keys="customer_id")
    entity = feature_view().entity
    posted(admin_client, "entity_change", entity.pk, name="x", join_keys="y", description="Buys")
    entity.refresh_from_db()
    assert (entity.name, entity.join_keys, entity.description) == ("customer", ["customer_id"], "Buys")
    assert trail() == [("entity.define", "customer", "web"), ("entity.reword", "customer", "web")]
