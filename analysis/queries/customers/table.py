"""One page of the scored customers."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from analysis.queries.customers.addresses import customer_address
from analysis.queries.customers.looks import segment_look
from analysis.queries.forward import rows_forward
from analysis.queries.keyset import Order
from analysis.stats.numbers import human_number, percent
from features.models import CustomerScore

PAGE_SIZE = 50
LAST = Order("customer_id", is_descending=False)
SORTS = {
    "value": [Order("lifetime_value", is_descending=True), LAST],
    "spent": [Order("monetary", is_descending=True), LAST],
    "leaving": [Order("churn_probability", is_descending=True, is_nullable=True), LAST],
    "recent": [Order("recency_days", is_descending=False), LAST],
}


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer as the table shows one; ``look`` is the segment's colour."""

    customer_id: str
    name: str
    address: str
    segment: str
    look: int
    recency: str
    frequency: int
    spent: Decimal
    rfm: str
    alive: str
    alive_share: float
    expected_purchases: str
    lifetime_value: float
    churn: str


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """A page of customers, and the cursor of the next one (empty where there is none)."""

    rows: list[CustomerRow]
    next_cursor: str = ""


def customer_page(
    *, text: str = "", segment: str = "", sort: str = "value", cursor: str = "", size: int = PAGE_SIZE
) -> CustomerPage:
    """Scored customers from the cursor on (one statement).

    Args:
        text: A part of the name, or how the id begins.
        segment: Its name; empty for all.
        sort: One of ``SORTS``.
    """
    found = _found(text, segment).select_related("customer")
    rows, following = rows_forward(found, SORTS[sort], cursor=cursor, name=f"customers:{sort}", size=size)
    return CustomerPage([_row(each) for each in rows], following)


def _found(text: str, segment: str) -> QuerySet[CustomerScore]:
    rows = CustomerScore.objects.all()
    if segment:
        rows = rows.filter(segment=segment)
    if text:
        rows = rows.filter(Q(customer__name__icontains=text) | Q(customer__customer_id__istartswith=text))
    return rows


def _row(score: CustomerScore) -> CustomerRow:
    return CustomerRow(
        customer_id=score.customer.customer_id,
        name=score.customer.name,
        address=customer_address(score.customer.customer_id),
        segment=score.get_segment_display(),
        look=segment_look(score.segment),
        recency=f"{score.recency_days:,} d",
        frequency=score.frequency + 1,
        spent=score.monetary,
        rfm=f"{score.r} {score.f} {score.m}",
        alive=percent(score.p_alive),
        alive_share=score.p_alive,
        expected_purchases=human_number(score.expected_purchases, digits=2),
        lifetime_value=score.lifetime_value,
        churn=percent(score.churn_probability),
    )
