"""The page of one run, as a feed."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.template.loader import render_to_string

from analysis.queries.curve_groups import curve_groups
from analysis.queries.run_detail import RunRecord, run_record
from registry.enums import Lifecycle
from registry.models import TrainingRun
from registry.queries.permissions import visible_to

from .scene import Scene

MOST_CHARTS = 8
PARTS = ("lead", "failure", "figures", "charts", "metrics", "facts", "params")


@dataclass(frozen=True)
class Look:
    """How the curves are drawn."""

    by_time: bool = False
    y_log: bool = False
    smoothing: float = 0.0


@dataclass(frozen=True)
class RunFeed:
    """A run's page, with its curves drawn in one way."""

    run_id: str
    look: Look = Look()

    @property
    def bell(self) -> str:
        """Its doorbell: the run's own."""
        return self.run_id

    @property
    def every_seconds(self) -> float:
        """With every sweep: a stamp costs little."""
        return 0.0

    def scene(self) -> Scene:
        """The page's parts as they are now."""
        return run_scene(run_record(self.run_id), self.look)

    def is_open_to(self, viewer: User) -> bool:
        """Whether the viewer may read the run (one statement)."""
        runs = TrainingRun.objects.filter(visible_to(viewer, experiment="experiment"))
        return runs.filter(run_id=self.run_id).exists()


def run_scene(record: RunRecord, look: Look) -> Scene:
    """The parts of a run's page that move while it goes on."""
    groups = curve_groups(record.curves, smoothing=look.smoothing, by_time=look.by_time)
    context: dict[str, Any] = {
        "record": record,
        "run": record.run,
        "groups": groups[:MOST_CHARTS],
        "group_count": len(groups),
        "x_kind": "time" if look.by_time else "step",
        "y_log": look.y_log,
    }
    parts = {name: render_to_string(f"analysis/includes/run_{name}.html", context) for name in PARTS}
    is_over = record.run.is_ended or record.run.lifecycle != Lifecycle.ACTIVE
    return Scene(parts, is_over=is_over, status=record.run.get_status_display())
