"""One customer's page: who, what they bought, what the models say, and how far the request has come."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.charts.series import Series
from features.models import Purchase
from features.personalisation.maths.segments import RULES, TITLES, SegmentName
from features.services.profile_answers import ProfileAnswer, profile_answer

FEWEST = 2


@dataclass(frozen=True)
class SegmentFact:
    """A segment with its rule."""

    title: str
    rule: str


@dataclass(frozen=True)
class CustomerDetail:
    """A customer.

    Attributes:
        spending: US dollars spent in all, over time; none where there is no line to draw.
        churn, value: what the models said; None before they were asked.
        events: newest first, with real times.
    """

    customer_id: str
    state: str
    source: str
    profile: dict[str, Any]
    events: list[dict[str, Any]]
    spending: list[Series]
    segment: SegmentFact | None
    churn: dict[str, Any] | None
    value: dict[str, Any] | None
    computed_at: dt.datetime | None
    is_stale: bool
    request: dict[str, Any] | None
    retry_after_seconds: int


def customer_detail(customer_id: str) -> CustomerDetail:
    """A customer's page; what is missing is asked for (one statement for the purchases beside the profile's).

    Raises:
        NotFoundError: there is no such customer.
    """
    answer = profile_answer(customer_id=customer_id)
    told, predictions = answer.told, answer.told["predictions"] or {}
    computed_at = predictions.get("computed_at")
    return CustomerDetail(
        customer_id=told["customer_id"],
        state=answer.state,
        source=answer.source,
        profile={**told["profile"], **_times(told["profile"], "joined_at", "last_purchase_at")},
        events=[{**each, **_times(each, "at")} for each in told["events"]],
        spending=_spending(customer_id),
        segment=_segment(predictions.get("value") or {}),
        churn=predictions.get("churn"),
        value=predictions.get("value"),
        computed_at=computed_at and dt.datetime.fromisoformat(computed_at),
        is_stale=predictions.get("is_stale", False),
        request=_request(answer),
        retry_after_seconds=answer.retry_after_seconds,
    )


def _spending(customer_id: str) -> list[Series]:
    rows = Purchase.objects.filter(customer__customer_id=customer_id).order_by("purchased_at", "pk")
    bought = list(rows.values_list("purchased_at", "amount"))
    if len(bought) < FEWEST:
        return []
    times = np.array([at.timestamp() for at, _ in bought])
    spent = np.cumsum([float(amount) for _, amount in bought])
    # steps: nothing is spent between two purchases
    return [Series("spent in all", np.repeat(times, 2)[1:], np.repeat(spent, 2)[:-1])]


def _segment(value: dict[str, Any]) -> SegmentFact | None:
    name = value.get("segment")
    if name is None:
        return None
    segment = SegmentName(name)
    return SegmentFact(TITLES[segment], RULES[segment])


def _request(answer: ProfileAnswer) -> dict[str, Any] | None:
    request: dict[str, Any] | None = answer.told["request"]
    return request and {**request, **_times(request, "requested_at", "answered_at")}


def _times(told: dict[str, Any], *names: str) -> dict[str, dt.datetime | None]:
    return {name: told[name] and dt.datetime.fromisoformat(told[name]) for name in names}
