"""What is done about activity every minute (``SCHEDULE``)."""

from registry.messaging import Queues, task

from .counting import keep_counters
from .summing import summarise

SUMMARISE, KEEP_COUNTERS = "activity.summarise", "activity.keep_counters"


@task(SUMMARISE, queue=Queues.MAINTENANCE)
def summarise_hours() -> None:
    """Sum up the hours that events came to."""
    summarise()


@task(KEEP_COUNTERS, queue=Queues.MAINTENANCE)
def make_lost_counters() -> None:
    """Make the counters again where Redis lost them."""
    keep_counters()
