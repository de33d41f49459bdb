"""What happens now: counters, the last hours of the events' own clock, rankings, the newest alerts."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter

from django.db.models import OuterRef, Subquery, Value

from features.models import Alert, AlertRule, Country, Customer, EventKind
from features.models.activity import UNKNOWN_COUNTRY
from features.online import activity
from features.online.activity import Counts
from registry.exceptions import StoreUnavailableError

from .activity_due import due_counts

HOUR = 3_600
COUNTRY, CUSTOMER = "country", "customer"


@dataclass(frozen=True)
class KindCount:
    """How often a kind of event happened, and for how much (US dollars)."""

    kind: str
    label: str
    events: int
    amount: Decimal


@dataclass(frozen=True)
class HourCount:
    """An hour of the events' clock: events by kind (all kinds, 0 where none), and the amount."""

    hour: dt.datetime
    kinds: dict[str, int]
    events: int
    amount: Decimal


@dataclass(frozen=True)
class CountryRank:
    """A country by what was spent there."""

    country: str
    name: str
    events: int
    amount: Decimal


@dataclass(frozen=True)
class CustomerRank:
    """A customer by what they spent; the name is empty where nobody is known by the id."""

    customer_id: str
    name: str
    amount: Decimal


@dataclass(frozen=True)
class AlertLine:
    """An alert as a list shows it.

    Attributes:
        country_name: the code where the country is not known by it.
        measure: the rule's (``AlertRule.Measure``); empty where the rule is gone.
    """

    title: str
    rule_name: str
    severity: str
    severity_label: str
    kind: str
    country: str
    country_name: str
    measure: str
    customer_id: str
    value: Decimal
    at_least: Decimal
    at: dt.datetime
    raised_at: dt.datetime
    is_told: bool


@dataclass(frozen=True)
class ActivityNow:
    """The page's figures. ``problem`` says why they are PostgreSQL's; empty where they are Redis's.

    ``per_hour`` holds every hour up to the newest event's, oldest first, quiet ones too.
    """

    counters: list[KindCount]
    per_hour: list[HourCount]
    top_countries: list[CountryRank]
    top_customers: list[CustomerRank]
    alerts: list[AlertLine]
    latest_at: dt.datetime | None
    problem: str

    @property
    def events(self) -> int:
        """How many in all."""
        return sum(each.events for each in self.counters)


def activity_now(*, hours: int = 24, limit: int = 10) -> ActivityNow:
    """Everything that the page shows: one read of Redis, two statements (one more where Redis is no help).

    Args:
        hours: at most 168.
        limit: of countries, customers and alerts.
    """
    counts, problem = _counts(limit)
    countries, customers = _names(counts)
    return ActivityNow(
        counters=[_kind(kind, counts) for kind in EventKind],
        per_hour=_hours(counts, min(hours, activity.SHOWN_HOURS)),
        top_countries=_countries(counts, countries),
        top_customers=_customers(counts, customers),
        alerts=newest_alerts(limit=limit),
        latest_at=None if counts.latest is None else _moment(counts.latest),
        problem=problem,
    )


def newest_alerts(*, limit: int = 10, customer_id: str = "") -> list[AlertLine]:
    """Alerts, the last raised first (one statement)."""
    found = Alert.objects.filter(customer_id=customer_id) if customer_id else Alert.objects.all()
    rows = found.order_by("-id").annotate(
        country_name=Subquery(Country.objects.filter(code=OuterRef("country")).values("name")[:1]),
        measure=Subquery(AlertRule.objects.filter(name=OuterRef("rule_name")).values("measure")[:1]),
    )
    lines = [
        AlertLine(
            title=each.title,
            rule_name=each.rule_name,
            severity=each.severity,
            severity_label=each.get_severity_display(),
            kind=each.kind,
            country=each.country,
            country_name=each.country_name or each.country,
            measure=each.measure or "",
            customer_id=each.customer_id,
            value=each.value,
            at_least=each.at_least,
            at=each.at,
            raised_at=each.raised_at,
            is_told=each.told_at is not None,
        )
        for each in rows[:limit]
    ]
    # two that were kept at the same time may have their ids the other way round
    return sorted(lines, key=attrgetter("raised_at"), reverse=True)


def _counts(limit: int) -> tuple[Counts, str]:
    try:
        if (counts := activity.read(limit=limit)) is not None:
            return counts, ""
        problem = "Redis lost its counters, or never had them; a task makes them again within a minute."
    except StoreUnavailableError as error:
        problem = str(error)
    return due_counts(limit=limit), f"From PostgreSQL. {problem}"


def _kind(kind: EventKind, counts: Counts) -> KindCount:
    events, cents = counts.kinds.get(kind.value, (0, 0))
    return KindCount(kind.value, str(kind.label), events, _dollars(cents))


def _hours(counts: Counts, hours: int) -> list[HourCount]:
    if counts.latest is None:
        return []
    newest = counts.latest - counts.latest % HOUR
    return [_hour(counts, newest - back * HOUR) for back in range(hours - 1, -1, -1)]


def _hour(counts: Counts, hour: int) -> HourCount:
    found = {kind.value: counts.hours.get((hour, kind.value), (0, 0)) for kind in EventKind}
    kinds = {kind: events for kind, (events, _) in found.items()}
    cents = sum(cents for _, cents in found.values())
    return HourCount(_moment(hour), kinds, sum(kinds.values()), _dollars(cents))


def _names(counts: Counts) -> tuple[dict[str, str], dict[str, str]]:
    """Of countries by code, of customers by id (one statement for both)."""
    countries = Country.objects.filter(code__in=list(counts.countries)).order_by()
    customers = Customer.objects.filter(customer_id__in=list(counts.customers)).order_by()
    found: dict[str, dict[str, str]] = {COUNTRY: {}, CUSTOMER: {}}
    rows = countries.values_list(Value(COUNTRY), "code", "name").union(
        customers.values_list(Value(CUSTOMER), "customer_id", "name"), all=True
    )
    for kind, key, name in rows:
        found[kind][key] = name
    return found[COUNTRY], found[CUSTOMER]


def _countries(counts: Counts, names: Mapping[str, str]) -> list[CountryRank]:
    names = {**names, UNKNOWN_COUNTRY: "not known"}
    return [
        CountryRank(code, names.get(code, code), events, _dollars(cents))
        for code, (events, cents) in counts.countries.items()
    ]


def _customers(counts: Counts, names: Mapping[str, str]) -> list[CustomerRank]:
    return [CustomerRank(key, names.get(key, ""), _dollars(cents)) for key, cents in counts.customers.items()]


def _dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _moment(second: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(second, dt.UTC)
