"""One feed, those who watch it, and when to look at it next."""

from dataclasses import dataclass, field

from .scene import Feed, Scene
from .watcher import Watcher

LEAST_SECONDS = 0.5  # between two renderings of one feed
NEVER = float("inf")


@dataclass(eq=False)
class Watched:
    """A feed that somebody watches.

    Attributes:
        due: when to look at it.
        again: when to look once more, for what came with the last bell and rang none of its own.
    """

    feed: Feed
    watchers: set[Watcher] = field(default_factory=set)
    scene: Scene | None = None
    stamp: str = ""
    due: float = 0.0
    again: float = 0.0
    rendered_at: float = -NEVER

    def ring(self, now: float, *, again_after: float) -> None:
        """Something changed: look at once, unless one looked a moment ago."""
        at = max(now, self.rendered_at + LEAST_SECONDS)
        self.due = min(self.due, at)
        self.again = at + again_after

    def sweep(self, now: float) -> None:
        """Look, whether or not it rang."""
        pause = max(LEAST_SECONDS, self.feed.every_seconds)
        if self.rendered_at + pause <= now:
            self.due = min(self.due, now)

    def looked(self, now: float) -> None:
        """One has looked at it; it is looked at again after the last bell, or with all others."""
        self.due = max(self.again, self.rendered_at + LEAST_SECONDS) if self.again > now else NEVER

    def show(self, scene: Scene, stamp: str, now: float) -> None:
        """A new scene for all who watch."""
        self.scene, self.stamp, self.rendered_at = scene, stamp, now
        for watcher in self.watchers:
            watcher.show(scene, now)
