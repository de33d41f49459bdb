"""A task that does nothing: what is measured is the way to it."""

from registry.messaging import Queues, task

NAME = "benchmark.nothing"


@task(NAME, queue=Queues.MAINTENANCE)
def nothing() -> None:
    """Return."""
