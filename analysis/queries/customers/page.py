"""The page of all customers: segments, what stands out, predictions, and the list for who may see it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from analysis.charts.share_rows import Part, ShareRow
from analysis.queries.customers.permissions import sees_customers
from analysis.queries.customers.segments import SegmentLine, segment_lines
from analysis.queries.customers.table import CustomerPage, customer_page
from analysis.queries.customers.value_models import ValueModels, value_models
from analysis.stats.numbers import dollars, percent
from features.queries.insights import Insight, insights
from features.queries.segments import Scored, scored_customers


@dataclass(frozen=True, slots=True)
class CustomersPage:
    """All parts.

    Attributes:
        as_of: purchases before it count; None before anybody was scored.
        figures: of all customers, by name, as they are written.
        evaluation: None where the viewer may not read the run.
        customers: None where the viewer may not see single customers, or asked for no list.
    """

    as_of: dt.datetime | None
    figures: list[tuple[str, str]]
    segments: list[SegmentLine]
    insights: list[Insight]
    evaluation: ValueModels | None
    sees_list: bool
    customers: CustomerPage | None

    @property
    def parts(self) -> list[Part]:
        """What the chart's bars are divided into."""
        return [Part(each.segment.title, each.look) for each in self.segments]

    @property
    def share_rows(self) -> list[ShareRow]:
        """The chart's bars: how many they are, what they brought, what they will bring."""
        found = [each.segment for each in self.segments]
        revenue, value = [each.revenue for each in found], [each.lifetime_value for each in found]
        return [
            ShareRow("Customers", [n.customers for n in found], [f"{n.customers:,}" for n in found]),
            ShareRow("Revenue so far", revenue, [dollars(amount) for amount in revenue]),
            ShareRow("Next 52 weeks", value, [dollars(amount) for amount in value]),
        ]


def customers_page(viewer: User, *, asked: Mapping[str, Any] | None, cursor: str = "") -> CustomersPage:
    """Eight statements at most, however many customers there are.

    Args:
        asked: ``q``, ``segment`` and ``sort`` of the list; None where they can't be read.
        cursor: where the page of the list begins.
    """
    scored = scored_customers()
    if scored is None:
        return CustomersPage(None, [], [], [], None, sees_list=False, customers=None)
    sees_list = sees_customers(viewer)
    return CustomersPage(
        as_of=scored.as_of,
        figures=_figures(scored),
        segments=segment_lines(scored.segments),
        insights=insights(),
        evaluation=value_models(viewer),
        sees_list=sees_list,
        customers=_list(asked, cursor) if sees_list and asked is not None else None,
    )


def _figures(scored: Scored) -> list[tuple[str, str]]:
    return [
        ("customers", f"{scored.total.customers:,}"),
        ("revenue so far", dollars(scored.total.revenue)),
        ("expected in the next 52 weeks", dollars(scored.total.value)),
        ("still customers by BG/NBD, in the mean", percent(scored.p_alive)),
    ]


def _list(asked: Mapping[str, Any], cursor: str) -> CustomerPage:
    return customer_page(text=asked["q"], segment=asked["segment"], sort=asked["sort"], cursor=cursor)
