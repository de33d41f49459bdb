"""Who trains what, as a feed."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.template.loader import render_to_string

from features.online.doorbells import WORKERS
from features.queries.workers import ALIVE, GONE, QUIET, Workers, workers

from .scene import Scene
from .viewers import reader


@dataclass(frozen=True)
class WorkersFeed:
    """The workers whose runs one viewer may read."""

    viewer_pk: int
    bell: str = WORKERS
    run_id: str = ""
    pause_seconds: float = 2.0  # every sign of life of anybody rings
    every_seconds: float = 5.0

    def scene(self) -> Scene:
        """The workers as they are now."""
        return workers_scene(workers(reader(self.viewer_pk)))

    def is_open_to(self, viewer: User) -> bool:
        """Whether it is theirs."""
        return viewer.pk == self.viewer_pk


def workers_scene(found: Workers) -> Scene:
    """Figures and table."""
    figures = [(state.capitalize(), found.count(state)) for state in (ALIVE, QUIET, GONE)]
    context = {"workers": found, "figures": figures}
    return Scene({"workers": render_to_string("analysis/includes/workers_table.html", context)})
