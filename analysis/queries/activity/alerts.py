"""Alerts as the page shows them."""

from dataclasses import dataclass
from decimal import Decimal

from analysis.queries.customers.addresses import customer_address
from analysis.stats.numbers import human_number
from features.models import AlertRule, EventKind
from features.models.activity import UNKNOWN_COUNTRY
from features.queries.activity import AlertLine

LOOKS = {"urgent": "bad", "warning": "warn", "info": "info"}
IN_DOLLARS = (AlertRule.Measure.AMOUNT, AlertRule.Measure.SPENT)


@dataclass(frozen=True, slots=True)
class AlertCard:
    """An alert, the look of its severity, what it says, and where its customer's page is."""

    alert: AlertLine
    look: str
    text: str
    address: str


def alert_card(alert: AlertLine) -> AlertCard:
    """``Purchase in Spain: $1,286.01, where the rule says $500.00 or more.``"""
    kind = EventKind(alert.kind).label
    place = "" if alert.country == UNKNOWN_COUNTRY else f" in {alert.country_name}"
    value, least = (_measured(each, alert.measure) for each in (alert.value, alert.at_least))
    text = f"{kind}{place}: {value}, where the rule says {least} or more."
    return AlertCard(alert, LOOKS.get(alert.severity, "info"), text, customer_address(alert.customer_id))


def _measured(value: Decimal, measure: str) -> str:
    if measure in IN_DOLLARS:
        return f"${value:,.2f}"
    return human_number(float(value), digits=6)
