"""Who may see single customers."""

from django.contrib.auth.models import User


def sees_customers(viewer: User) -> bool:
    """Staff who may view customers in the admin; sums are everyone's (at most two statements)."""
    return viewer.is_staff and viewer.has_perm("features.view_customer")
