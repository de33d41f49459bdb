"""The feature views there are, for the page where an entity is looked up."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count

from features.models import FeatureValue, FeatureView

MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class ViewLine:
    """One version of a view, as the catalogue shows it."""

    name: str
    version: int
    entity: str
    description: str
    owner: str
    feature_count: int
    ttl_seconds: int | None
    is_active: bool
    materialized_until: dt.datetime | None


def feature_catalog() -> list[ViewLine]:
    """Every version of every view, by name, the newest first (one statement)."""
    views = FeatureView.objects.select_related("entity").annotate(feature_count=Count("features"))
    return [
        ViewLine(
            name=view.name,
            version=view.version,
            entity=view.entity.name,
            description=view.description,
            owner=view.owner,
            feature_count=view.feature_count,
            ttl_seconds=view.ttl_seconds,
            is_active=view.is_active,
            materialized_until=view.materialized_until,
        )
        for view in views.order_by("name", "-version")
    ]


def example_keys(entity: str) -> list[str]:
    """A few entities that have a history, for people who know none (a statement a key)."""
    values = FeatureValue.objects.filter(view__entity__name=entity, view__is_active=True)
    view = values.values_list("view_id", flat=True).first()
    found: list[str] = []
    while view is not None and len(found) < MOST_EXAMPLES:
        rows = FeatureValue.objects.filter(view_id=view, entity_key__gt=found[-1] if found else "")
        key = rows.order_by("entity_key").values_list("entity_key", flat=True).first()
        if key is None:
            break
        found.append(key)
    return found
