"""What happens, as a feed."""

import time
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.template.loader import render_to_string

from analysis.queries.activity.page import ActivityPage, activity_page
from analysis.queries.customers.permissions import sees_customers

from .scene import Scene

PARTS = ("counters", "hours", "alerts", "rankings", "queues", "onboarding")
AWAY_SECONDS = 10.0
_away: dict[bool, tuple[float, Scene]] = {}


@dataclass(frozen=True)
class ActivityFeed:
    """The activity, with single customers or without: the same for all who may see as much."""

    with_customers: bool
    bell: str = "activity"  # nobody rings: it is looked at as often as the sweeps are
    run_id: str = ""
    pause_seconds: float = 1.0
    every_seconds: float = 2.0

    def scene(self) -> Scene:
        """All parts as they are now; while Redis or the broker is away, as they were within ten seconds.

        Asking takes long then, and the hub has but one thread for all pages.
        """
        now = time.monotonic()
        until, scene = _away.get(self.with_customers, (0.0, None))
        if scene is not None and now < until:
            return scene
        page = activity_page(with_customers=self.with_customers)
        scene = activity_scene(page)
        _away.pop(self.with_customers, None)
        if page.is_away:
            _away[self.with_customers] = (now + AWAY_SECONDS, scene)
        return scene

    def is_open_to(self, viewer: User) -> bool:
        """Sums are everyone's; single customers are not."""
        return not self.with_customers or sees_customers(viewer)


def activity_scene(page: ActivityPage) -> Scene:
    """The parts of the page."""
    context: dict[str, Any] = {"page": page}
    return Scene(
        {name: render_to_string(f"analysis/includes/activity_{name}.html", context) for name in PARTS}
    )
