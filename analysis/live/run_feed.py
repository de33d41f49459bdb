"""The page of one run, as a feed."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.template.loader import render_to_string

from analysis.queries.run_detail import RunRecord, run_record
from registry.enums import Lifecycle
from registry.models import TrainingRun
from registry.queries.permissions import visible_to

from .run_drawing import Look, drawn_parts
from .scene import LEAST_SECONDS, Scene

PARTS = ("lead", "failure", "figures", "facts", "params")


@dataclass(frozen=True)
class RunFeed:
    """A run's page, with its curves drawn in one way."""

    run_id: str
    look: Look = field(default_factory=Look)

    @property
    def bell(self) -> str:
        """Its doorbell: the run's own."""
        return self.run_id

    @property
    def pause_seconds(self) -> float:
        """Twice a second at most."""
        return LEAST_SECONDS

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
    context: dict[str, Any] = {"record": record, "run": record.run}
    parts = drawn_parts(record, look)
    parts |= {name: render_to_string(f"analysis/includes/run_{name}.html", context) for name in PARTS}
    is_over = record.run.is_ended or record.run.lifecycle != Lifecycle.ACTIVE
    return Scene(parts, is_over=is_over, status=record.run.get_status_display())
