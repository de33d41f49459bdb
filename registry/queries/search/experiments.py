"""Experiments by filter, order and page."""

from collections.abc import Sequence

from django.contrib.auth.models import User

from registry.filters import Entity, Node, Order
from registry.models import Experiment, ExperimentPermission
from registry.queries.permission_sql import permission_sql

from .keys import KeySearch, keys_page
from .nouns import Noun
from .ordering import SortKey
from .pages import Page, Place, checked_size
from .view_types import ViewType

MAX_EXPERIMENTS = 50_000
PUBLIC_ID = "(CASE WHEN e.experiment_id = repeat('0', 32) THEN '0' ELSE e.experiment_id END)"
NEWEST = SortKey("e.created_at", "timestamptz", is_descending=True)
EXPERIMENT = Noun(
    tables="registry_experiment e",
    key="e.id",
    texts={"name": "e.name", "experiment_id": PUBLIC_ID},
    moments={"creation_time": "e.created_at", "last_update_time": "e.updated_at"},
    order=(NEWEST, SortKey(PUBLIC_ID, "text")),
    ties=(SortKey(PUBLIC_ID, "text", is_descending=True),),
    owned={Entity.TAG: ("registry_experimenttag", "x.experiment_id = e.id")},
)
VIEWS = {
    ViewType.ACTIVE_ONLY: "e.lifecycle = 'active'",
    ViewType.DELETED_ONLY: "e.lifecycle <> 'active'",
    ViewType.ALL: "true",
}


def experiments_page(
    *,
    user: User,
    condition: Node | None = None,
    orders: Sequence[Order] = (),
    view: ViewType = ViewType.ACTIVE_ONLY,
    after: Place | None = None,
    size: int = 1_000,
) -> Page:
    """The experiments that the user may read and the search finds, tags prefetched (three statements).

    Raises:
        BadInputError: the order or the size of the page can't be had.
    """
    permission, values = permission_sql(user, ExperimentPermission.Level.READ)
    found = keys_page(
        EXPERIMENT,
        KeySearch(
            size=checked_size(size, most=MAX_EXPERIMENTS),
            condition=condition,
            keys=EXPERIMENT.sort_keys(orders),
            after=after,
            within=f"{VIEWS[view]} AND {permission}",
            values=values,
        ),
    )
    rows = Experiment.objects.prefetch_related("tags").in_bulk(found.rows)
    return Page([rows[key] for key in found.rows if key in rows], found.next_after)
