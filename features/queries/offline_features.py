"""The newest values of the offline history: what stands in for Redis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from features.event_times import milliseconds
from features.models import FeatureValue
from features.offline_values import from_json
from features.view_schema import ViewSchema


@dataclass(frozen=True)
class OfflineRow:
    """One entity's values of one view, in the view's order, at a time."""

    entity_key: str
    event_ms: int
    written_ms: int
    values: tuple[Any, ...]


def newest_offline_rows(view: ViewSchema, entity_keys: Sequence[str]) -> dict[str, OfflineRow]:
    """The newest row of each entity that has one, by its key (one statement)."""
    found = (
        FeatureValue.objects.filter(
            view__name=view.name, view__version=view.version, entity_key__in=list(entity_keys)
        )
        .order_by("entity_key", "-event_at")
        .distinct("entity_key")
        .values_list("entity_key", "event_at", "created_at", "values")
    )
    return {
        key: OfflineRow(key, milliseconds(event_at), milliseconds(created_at), from_json(view, values))
        for key, event_at, created_at, values in found
    }
