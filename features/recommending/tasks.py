"""The task that brings the recommendations of the version that is deployed; beat promises it."""

import logging

from registry.exceptions import ArtifactError, ConflictError
from registry.messaging import Queues, task

logger = logging.getLogger(__name__)
REFRESH = "recommending.refresh"


@task(REFRESH, queue=Queues.PERSONALISATION, is_atomic=False)
def refresh() -> None:
    """Recommend anew where another version is deployed than the one whose recommendations are served.

    Repeatable. A version that can't recommend stays a line in the log of each time: what is served stays.
    """
    from features.services.recommendations import (  # noqa: PLC0415 (scipy: 0.1 s of every process's start)
        are_of_the_deployed_model,
        refresh_recommendations,
    )

    if are_of_the_deployed_model():
        return
    try:
        logger.info("%d viewers have new recommendations.", refresh_recommendations())
    except (ArtifactError, ConflictError) as error:
        logger.warning("Nothing new is recommended: %s", error)
