"""A leaderboard as a feed."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.template.loader import render_to_string

from features.online.doorbells import BOARDS
from features.queries.boards import Board, board

from .scene import LEAST_SECONDS, Scene
from .viewers import reader


@dataclass(frozen=True)
class BoardFeed:
    """One board as one viewer may read it."""

    dataset: str
    metric: str
    viewer_pk: int
    bell: str = BOARDS
    run_id: str = ""
    pause_seconds: float = LEAST_SECONDS
    every_seconds: float = 5.0

    def scene(self) -> Scene:
        """The board as it is now."""
        return board_scene(board(dataset=self.dataset, metric=self.metric, viewer=reader(self.viewer_pk)))

    def is_open_to(self, viewer: User) -> bool:
        """Whether it is theirs; what they may not read is not on it."""
        return viewer.pk == self.viewer_pk


def board_scene(found: Board) -> Scene:
    """The table of a board."""
    return Scene({"board": render_to_string("analysis/includes/leaderboard_table.html", {"board": found})})
