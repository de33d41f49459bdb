"""Filling the store again after it lost everything; until then PostgreSQL's values are served."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db.models import Q

from features.models import FeatureView
from features.online import whole
from registry.exceptions import StoreUnavailableError

from .materialization import materialize


@contextmanager
def refilling(views: Iterable[FeatureView]) -> Iterator[list[FeatureView]]:
    """The views to materialise: these, and all that the store lost where it was emptied.

    Once they are, the store is believed again.

    Raises:
        StoreUnavailableError: Redis does not answer, or was emptied meanwhile.
    """
    token = whole.begin()
    if token is None:
        yield list(views)
        return
    lost = FeatureView.objects.filter(Q(is_active=True) | Q(materialized_until__isnull=False))
    yield list({view.pk: view for view in (*views, *lost.order_by("name", "version"))}.values())
    if not whole.end(token):
        raise StoreUnavailableError("Redis was emptied meanwhile, or is filled by another run.")


def refill() -> int:
    """Bring everything to a store that was emptied, nothing to another; returns how many entities.

    Raises:
        StoreUnavailableError: Redis does not answer, or was emptied meanwhile.
        ConflictError: another run materialises one of the views.
        BadInputError: the history has values that are not of their view's types.
    """
    with refilling([]) as views:
        return sum(last.done for view in views for *_, last in [materialize(view=view)])
