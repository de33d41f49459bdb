"""Where a customer's own page is."""

from django.urls import reverse


def customer_address(customer_id: str) -> str:
    """Of one customer; empty for nobody's."""
    return reverse("analysis:customer-detail", args=[customer_id]) if customer_id else ""
