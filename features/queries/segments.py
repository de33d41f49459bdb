"""The segments of customers: how many, what they spent and will spend, and what to do for them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, Max, Sum

from features.models import CustomerScore
from features.personalisation.maths.segments import (
    AT_RISK_DAYS,
    DORMANT_DAYS,
    RULES,
    TITLES,
    SegmentName,
)

ACTIONS = {
    SegmentName.DORMANT: "Send one offer to come back, and only to those whose value is worth its price",
    SegmentName.AT_RISK: f"Remind them before {DORMANT_DAYS} days are over: news of what they bought",
    SegmentName.VIP: "Keep them: early access and a person to ask, no discounts that they do not need",
    SegmentName.ACTIVE: "Bring them to the next purchase: recommend what suits the last one",
}
MEASURES = {
    "customers": Count("pk"),
    "revenue": Sum("monetary"),
    "value": Sum("lifetime_value"),
    "p_alive": Avg("p_alive"),
    "silent_days": Avg("recency_days"),
    "repeats": Avg("frequency"),
    "as_of": Max("as_of"),
}
SHOWN_FIRST = (SegmentName.VIP, SegmentName.ACTIVE, SegmentName.AT_RISK, SegmentName.DORMANT)


@dataclass(frozen=True)
class Segment:
    """Customers who fall under one rule.

    Attributes:
        share: of all customers, 0 to 1.
        revenue: US dollars that they spent until now.
        lifetime_value: US dollars that they are expected to spend in the next year, discounted.
        rule: who belongs to it, in words.
        action: what to do for them.
        why: the figures that speak for it.
    """

    name: str
    title: str
    customers: int
    share: float
    revenue: float
    lifetime_value: float
    rule: str
    action: str
    why: str


@dataclass(frozen=True)
class Totals:
    """Of all customers that are scored."""

    customers: int
    revenue: float
    value: float

    @classmethod
    def of(cls, rows: list[dict[str, Any]]) -> "Totals":
        """Added up."""
        return cls(
            sum(row["customers"] for row in rows),
            float(sum(row["revenue"] for row in rows)),
            sum(row["value"] for row in rows),
        )

    def part(self, row: dict[str, Any]) -> str:
        """A part of all in words."""
        return (
            f"{_share(row['customers'], self.customers):.1%} of the customers"
            f" with {_share(float(row['revenue']), self.revenue):.1%} of the revenue so far"
            f" and {_share(row['value'], self.value):.1%} of the value expected"
        )


@dataclass(frozen=True)
class Scored:
    """All customers that are scored.

    Attributes:
        as_of: purchases before it count.
        p_alive: the mean probability that a customer still buys here.
        segments: all four, the best customers first.
    """

    as_of: dt.datetime
    total: Totals
    p_alive: float
    segments: list[Segment]


def scored_customers() -> Scored | None:
    """Sums of all and by segment; None before customers were scored (one statement)."""
    rows = CustomerScore.objects.order_by().values("segment").annotate(**MEASURES)
    found: dict[SegmentName, dict[str, Any]] = {SegmentName(row["segment"]): dict(row) for row in rows}
    if not found:
        return None
    each = list(found.values())
    total = Totals.of(each)
    return Scored(
        as_of=max(row["as_of"] for row in each),
        total=total,
        p_alive=sum(row["p_alive"] * row["customers"] for row in each) / total.customers,
        segments=[_segment(name, found.get(name), total) for name in SHOWN_FIRST],
    )


def segments() -> list[Segment]:
    """All four, the best customers first; none before customers were scored (one statement)."""
    scored = scored_customers()
    return scored.segments if scored else []


def _segment(name: SegmentName, row: dict[str, Any] | None, total: Totals) -> Segment:
    return Segment(
        name=name.value,
        title=TITLES[name],
        customers=row["customers"] if row else 0,
        share=_share(row["customers"], total.customers) if row else 0.0,
        revenue=float(row["revenue"]) if row else 0.0,
        lifetime_value=row["value"] if row else 0.0,
        rule=RULES[name],
        action=ACTIONS[name],
        why=_why(name, row, total) if row else "Nobody is in it.",
    )


def _why(name: SegmentName, row: dict[str, Any], total: Totals) -> str:
    each = row["value"] / row["customers"]
    figures = {
        SegmentName.VIP: f"each bought again on {row['repeats']:.1f} days and is worth ${each:,.0f} a year",
        SegmentName.ACTIVE: f"each came back on {row['repeats']:.1f} days and is worth ${each:,.0f} a year",
        SegmentName.AT_RISK: (
            f"silent for {row['silent_days']:.0f} days in the mean, {AT_RISK_DAYS} or more each; with a"
            f" probability of {row['p_alive']:.0%} they still buy"
        ),
        SegmentName.DORMANT: (
            f"silent for {row['silent_days']:.0f} days in the mean; each is worth ${each:,.0f} a year"
        ),
    }
    return f"{total.part(row)}; {figures[name]}."


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
