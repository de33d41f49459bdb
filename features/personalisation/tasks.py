"""The task that scores customers; beat promises it every night, ``score_customers`` does the same by hand."""

import datetime as dt
import logging

from features.services.customer_scores import score_customers
from registry.exceptions import BadInputError, NotFoundError
from registry.messaging import Queues, task

logger = logging.getLogger(__name__)


@task("personalisation.score", queue=Queues.PERSONALISATION, is_atomic=False)
def score(*, as_of: str = "") -> None:
    """Score everyone as of a day (ISO 8601), by default the day after the newest purchase.

    Repeatable: the same day again writes nothing, an older one replaces nothing newer.

    Raises:
        BadInputError: that is no day.
    """
    try:
        day = dt.date.fromisoformat(as_of) if as_of else None
    except ValueError as error:
        raise BadInputError(f"{as_of[:50]!r} is no day such as 1998-07-01.") from error
    try:
        for _ in score_customers(as_of=day):
            pass
    except NotFoundError as error:  # nobody bought yet, or no model is registered: an order for nobody
        logger.warning("No customer was scored: %s", error)
