"""Insights: groups of customers across the segments that one action is for, with the figures behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Avg, Count, F, FloatField, Max, Q, Subquery, Sum, Value

from features.models import CustomerScore
from features.personalisation.maths.segments import SegmentName

from .segments import Segment, Totals

ALL = 2**31
BEST_SHARE = 0.9  # the value above which the best tenth is
LEAVING = 0.5
LITTLE = 5.0  # US dollars; our assumption of what a letter costs, which is not in the data


class Percentile(Aggregate):
    """``percentile_cont(share) WITHIN GROUP (ORDER BY column)``."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True)
class Insight(Segment):
    """A group and what to do; ``figures`` are the numbers of ``why``, by their names."""

    figures: Mapping[str, float]


@dataclass(frozen=True)
class _Group:
    name: str
    title: str
    rule: Callable[[float], str]
    who: Q
    action: str
    why: Callable[[Mapping[str, float]], str]


def insights() -> list[Insight]:
    """What stands out, the greatest value first; groups of nobody are left out (one statement)."""
    rows = CustomerScore.objects.order_by()
    best = rows.values(_=Value(1)).values(best=Percentile("lifetime_value", share=BEST_SHARE))
    # the slice keeps the percentile one plan: without it PostgreSQL makes a plan of each mention
    scored = rows.annotate(best=Subquery(best))[:ALL]
    measured = scored.aggregate(least=Max("best"), **_measures())
    if measured["least"] is None:
        return []
    total = Totals(measured["all_customers"], float(measured["all_revenue"]), measured["all_value"])
    found = [_insight(group, measured, total) for group in GROUPS if measured[f"{group.name}_customers"]]
    return sorted(found, key=lambda each: -each.lifetime_value)


def _measures() -> dict[str, Any]:
    groups = [("all", Q()), *((group.name, group.who) for group in GROUPS)]
    return {
        f"{name}_{what}": measure
        for name, who in groups
        for what, measure in (
            ("customers", Count("pk", filter=who)),
            ("revenue", Sum("monetary", filter=who)),
            ("value", Sum("lifetime_value", filter=who)),
            ("p_alive", Avg("p_alive", filter=who)),
            ("silent_days", Avg("recency_days", filter=who)),
            ("purchases", Sum("expected_purchases", filter=who)),
            ("churn", Avg("churn_probability", filter=who)),
        )
    }


def _insight(group: _Group, measured: Mapping[str, Any], total: Totals) -> Insight:
    row = {what: measured[f"{group.name}_{what}"] for what in FIGURES}
    figures = {what: float(value) for what, value in row.items() if value is not None}
    figures["each"] = figures["value"] / figures["customers"]
    return Insight(
        name=group.name,
        title=group.title,
        customers=row["customers"],
        share=row["customers"] / total.customers,
        revenue=figures["revenue"],
        lifetime_value=figures["value"],
        rule=group.rule(measured["least"]),
        action=group.action,
        why=f"{total.part(row)}; {group.why(figures)}.",
        figures=figures,
    )


FIGURES = ("customers", "revenue", "value", "p_alive", "silent_days", "purchases", "churn")
DORMANT, AT_RISK = SegmentName.DORMANT.value, SegmentName.AT_RISK.value
GROUPS = (
    _Group(
        "best_tenth",
        "The tenth that matters most",
        rule=lambda best: f"Value of ${best:,.0f} or more in the next year",
        who=Q(lifetime_value__gte=F("best")),
        action="Answer them first, whatever they ask: their requests have the highest priority",
        why=lambda f: f"they are expected to buy on {f['purchases']:,.0f} days",
    ),
    _Group(
        "best_going_quiet",
        "VIPs who go quiet",
        rule=lambda _: "At risk, and in the best fifth both by days with a purchase and by dollars spent",
        who=Q(segment=AT_RISK, f=5, m=5),
        action="Call or write in person this week; what they bought last says what about",
        why=lambda f: (
            f"each is worth ${f['each']:,.0f} a year and silent for {f['silent_days']:.0f} days in the mean"
        ),
    ),
    _Group(
        "worth_winning_back",
        "Dormant, yet worth winning back",
        rule=lambda best: f"Dormant, with a value of ${best:,.0f} or more",
        who=Q(segment=DORMANT, lifetime_value__gte=F("best")),
        action="Send the offer to come back to these first",
        why=lambda f: (
            f"after {f['silent_days']:.0f} days of silence they still buy with a probability of"
            f" {f['p_alive']:.0%}, and each is worth ${f['each']:,.0f}"
        ),
    ),
    _Group(
        "second_purchase",
        "Bought once, lately",
        rule=lambda _: "One day with a purchase, not yet dormant",
        who=Q(frequency=0) & ~Q(segment=DORMANT),
        action="Win the second purchase: recommend by the first one",
        why=lambda f: f"each is worth ${f['each']:,.0f} a year until the second purchase is made",
    ),
    _Group(
        "leaving_by_the_model",
        "Buy today, likely to leave",
        rule=lambda _: f"Not dormant, churn probability of {LEAVING:.0%} or more",
        who=~Q(segment=DORMANT) & Q(churn_probability__gte=LEAVING),
        action="Ask what was wrong with the last order, before the silence begins",
        why=lambda f: f"the churn model expects {f.get('churn', 0):.0%} of them to buy nothing in 180 days",
    ),
    _Group(
        "not_worth_a_letter",
        "Not worth a letter",
        rule=lambda _: f"Dormant, with a value under ${LITTLE:,.0f}",
        who=Q(segment=DORMANT, lifetime_value__lt=LITTLE),
        action="Leave them out of letters, if one costs about $5 (assumed: costs are not in the data)",
        why=lambda f: f"each is worth ${f['each']:,.2f} in the next year",
    ),
)
