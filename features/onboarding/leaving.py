"""A customer who is deleted takes what was said of them along; a step that is still to come finds nobody."""

from typing import Any

from django.db.models.signals import post_delete

from features.models import Customer, Onboarding


def listen() -> None:
    """Forget the onboardings of customers who are deleted."""
    post_delete.connect(_deleted, sender=Customer, dispatch_uid="onboarding")


def _deleted(instance: Customer, **_: Any) -> None:
    Onboarding.objects.filter(customer_id=instance.customer_id).delete()
