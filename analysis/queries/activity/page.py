"""The page of what happens: each part is read by itself, and one whose store is away says so."""

from dataclasses import dataclass
from functools import cached_property

from analysis.charts.columns import Column
from analysis.queries.activity.alerts import AlertCard, alert_card
from analysis.queries.activity.hours import hour_columns, hours_shown
from analysis.queries.activity.queues import QueueTable, queue_table
from analysis.queries.customers.addresses import customer_address
from analysis.queries.customers.segments import SegmentLine, segment_lines
from features.models import EventKind
from features.queries.activity import ActivityNow, CustomerRank, activity_now
from features.queries.onboardings import OnboardingFigures, onboarding_figures
from features.queries.segments import segments

HOURS, SHOWN, ALERTS, NEWEST = 48, 6, 5, 6


@dataclass(frozen=True)
class ActivityPage:
    """All parts; single customers only where ``sees_customers``."""

    sees_customers: bool
    now: ActivityNow
    segments: list[SegmentLine]
    queues: QueueTable
    onboarding: OnboardingFigures

    @property
    def is_away(self) -> bool:
        """Whether Redis or the broker did not answer as it should."""
        return bool(self.now.problem and self.now.events) or self.queues.is_away

    @property
    def kinds(self) -> list[str]:
        """What is counted, in the order of the columns' parts."""
        return [str(kind.label) for kind in EventKind]

    @cached_property
    def hours(self) -> list[Column]:
        """Events per hour."""
        return hour_columns(self.now.per_hour)

    @property
    def hours_shown(self) -> str:
        """What the columns span."""
        return hours_shown(self.now.per_hour, events=self.now.events)

    @property
    def amount(self) -> float:
        """What was bought, in US dollars."""
        return float(sum(each.amount for each in self.now.counters))

    @cached_property
    def countries(self) -> list[tuple[str, float]]:
        """What was bought in each, in US dollars."""
        return [(each.name, float(each.amount)) for each in self.now.top_countries if each.amount]

    @cached_property
    def customers(self) -> list[tuple[CustomerRank, str]]:
        """Who spent most, each with the address of their page."""
        return [(each, customer_address(each.customer_id)) for each in self.now.top_customers]

    @cached_property
    def alerts(self) -> list[AlertCard]:
        """The newest."""
        return [alert_card(each) for each in self.now.alerts[:ALERTS]]


def activity_page(*, with_customers: bool) -> ActivityPage:
    """Six statements, one read of Redis, one question to the broker; raises for neither.

    Where Redis is no help, its figures are read from PostgreSQL instead, by one statement more.
    """
    return ActivityPage(
        sees_customers=with_customers,
        now=activity_now(hours=HOURS, limit=SHOWN),
        segments=segment_lines(segments()),
        queues=queue_table(),
        onboarding=onboarding_figures(newest=NEWEST),
    )
