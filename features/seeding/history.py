"""The customers' features at the ends of CDNOW's quarters, computed and brought to Redis."""

import datetime as dt
from collections.abc import Iterator

from features.definitions import CUSTOMER_VALUE, ViewDefinition
from features.models import Customer
from features.services.definitions import apply_definitions
from features.services.feature_history import compute_view, computed_views, is_computed, stored_view
from features.services.materialization import materialize

QUARTER_ENDS = ("1997-03-31", "1997-06-30", "1997-09-30", "1997-12-31", "1998-03-31", "1998-06-30")
SNAPSHOTS = tuple(dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC) for day in QUARTER_ENDS)

Snapshot = tuple[ViewDefinition, dt.datetime]


def absent_snapshots() -> list[Snapshot]:
    """What the offline history does not have yet, after the definitions are brought to PostgreSQL."""
    apply_definitions()
    # Nobody is scored yet: personalisation brings the customers' value itself.
    views = [view for view in computed_views() if view != CUSTOMER_VALUE]
    wanted = [(view, at) for at in SNAPSHOTS for view in views]
    return [(view, at) for view, at in wanted if not is_computed(definition=view, as_of=at)]


def rows_of(snapshots: list[Snapshot]) -> int:
    """How many rows they will have: by the first quarter's end CDNOW knew all its customers."""
    return len(snapshots) * Customer.objects.count() if snapshots else 0


def store_snapshots(snapshots: list[Snapshot]) -> Iterator[int]:
    """Computes snapshots, each whole or not at all, and materialises; yields the rows of each."""
    for view, as_of in snapshots:
        yield compute_view(definition=view, as_of=as_of)
    for stored in map(stored_view, computed_views()):
        if snapshots or stored.materialized_until is None:
            for _ in materialize(view=stored):
                pass
