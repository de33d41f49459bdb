"""Saved views that a person finds in the menu."""

from django.contrib.auth.models import User
from django.db.models import Case, Q, Value, When

from registry.models import SavedView

MOST_LISTED = 200


def known_to(user: User) -> Q:
    """Views that a person may know of: one's own and shared ones."""
    return Q(owner=user) | Q(is_shared=True)


def saved_views(user: User) -> list[SavedView]:
    """One's own views by name, then those that others share, with their owners (one statement)."""
    is_others = Case(When(owner=user, then=Value(0)), default=Value(1))
    found = SavedView.objects.filter(known_to(user)).select_related("owner")
    views = list(found.order_by(is_others, "name", "owner__username")[:MOST_LISTED])
    for view in views:
        view.is_default = view.is_default and view.owner_id == user.pk
    return views
