"""Computing views as of a time, over all entities known by then, into the offline history."""

import datetime as dt

from django.db import connection
from django.utils import timezone

from features.definitions import VIEWS, ViewDefinition
from features.event_times import checked_event_at
from features.models import FeatureValue, FeatureView
from features.queries.recorded import LATER
from registry.exceptions import BadInputError, ConflictError, NotFoundError

from .definitions import version_of

# Sorted by entity, so that the index grows at its end. A row that stands as computed is left alone.
INSERT = f"""
INSERT INTO features_featurevalue (view_id, entity_key, event_at, created_at, values)
SELECT %(view)s, entity_key, %(as_of)s, clock_timestamp(), jsonb_build_array({{features}})
FROM ({{source}}) AS computed
ORDER BY entity_key
ON CONFLICT (view_id, entity_key, event_at) DO UPDATE
    SET values = excluded.values, transaction = excluded.transaction, created_at = {LATER}
    WHERE features_featurevalue.values <> excluded.values
"""  # noqa: S608 (made of constants)


def defined_view(name: str) -> ViewDefinition:
    """The view that the code defines by this name.

    Raises:
        NotFoundError: the code defines none.
    """
    found = next((each for each in VIEWS if each.name == name), None)
    if found is None:
        known = ", ".join(each.name for each in VIEWS)
        raise NotFoundError(f"The code defines no feature view {name}; it defines {known}.")
    return found


def computed_views() -> list[ViewDefinition]:
    """The views that the code computes; the others are pushed."""
    return [each for each in VIEWS if each.source]


def compute_view(*, definition: ViewDefinition, as_of: dt.datetime) -> int:
    """Compute a view as of a time, into the version that is defined so (one statement for the values).

    Returns:
        How many rows are new or other than they were: a second time none.

    Raises:
        BadInputError: the view is not computed, or the time has no zone.
        ConflictError: no version in PostgreSQL is defined as the code says.
    """
    if not definition.source:
        raise BadInputError(f"The view {definition.name} is pushed, not computed.")
    checked_event_at(as_of, whose=definition.name, now=timezone.now())
    view = stored_view(definition)
    columns = ", ".join(connection.ops.quote_name(each.name) for each in definition.features)
    statement = INSERT.format(features=columns, source=definition.source)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"view": view.pk, "as_of": as_of})
        return int(cursor.rowcount)


def is_computed(*, definition: ViewDefinition, as_of: dt.datetime) -> bool:
    """Whether the history has this snapshot: it is written whole or not at all."""
    return FeatureValue.objects.filter(view=stored_view(definition), event_at=as_of).exists()


def stored_view(definition: ViewDefinition) -> FeatureView:
    """The version in PostgreSQL that is defined as the code says.

    Raises:
        ConflictError: there is none.
    """
    view = version_of(definition)
    if view is None:
        raise ConflictError(
            f"PostgreSQL has no version of {definition.name} as the code defines it."
            " Run `manage.py apply_features` first."
        )
    return view
