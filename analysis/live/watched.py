"""One feed, those who watch it, and when to look at it next."""

from dataclasses import dataclass, field

from .scene import LEAST_SECONDS, Feed, Scene
from .watcher import Watcher

MOST_SECONDS = 5.0  # between two renderings of one feed
SHARE = 0.1  # of the time that rendering one feed may take
NEVER = float("inf")


@dataclass(eq=False)
class Watched:
    """A feed that somebody watches.

    Attributes:
        due: when to look at it.
        pause: at least so long between two renderings.
        cost_seconds: of the processor, for the last one.
        tried_at: when it was last looked at, or tried to be.
        again: when to look once more, for what came with the last bell and rang none of its own.
    """

    feed: Feed
    watchers: set[Watcher] = field(default_factory=set)
    scene: Scene | None = None
    stamp: str = ""
    due: float = 0.0
    again: float = 0.0
    tried_at: float = -NEVER
    rendered_at: float = -NEVER
    pause: float = LEAST_SECONDS
    cost_seconds: float = 0.0

    def ring(self, now: float, *, again_after: float) -> None:
        """Something changed: look at once, unless one looked a moment ago."""
        at = max(now, self.rendered_at + self.pause)
        self.due = min(self.due, at)
        self.again = at + again_after

    def sweep(self, now: float) -> None:
        """Look, whether or not it rang."""
        pause = max(self.pause, self.feed.every_seconds)
        if self.rendered_at + pause <= now:
            self.due = min(self.due, now)

    def looked(self, now: float) -> None:
        """One has looked at it; it is looked at again after the last bell, or with all others."""
        self.due = max(self.again, self.rendered_at + self.pause) if self.again > now else NEVER

    def show(self, scene: Scene, stamp: str, now: float, *, cost_seconds: float = 0.0) -> None:
        """A new scene for all who watch; one that took long is made the less often."""
        self.scene, self.stamp, self.rendered_at = scene, stamp, now
        lasting = min(cost_seconds, self.cost_seconds)  # once may be a cold start
        self.pause = min(max(self.feed.pause_seconds, lasting / SHARE), MOST_SECONDS)
        self.cost_seconds = cost_seconds
        for watcher in self.watchers:
            watcher.show(scene, now)
