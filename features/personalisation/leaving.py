"""The probability to leave, by the churn model that is deployed."""

import datetime as dt
import logging
from collections.abc import Iterator

from features.predicting.errors import ModelRefusedError
from features.predicting.loading import chosen_file, loaded
from features.queries.live_deployments import live_deployment
from features.queries.served_versions import served_version
from features.queries.values_as_of import values_as_of
from features.seeding.churn_run import LEFT
from features.seeding.churn_run import NAME as CHURN
from registry.enums import Environment
from registry.exceptions import ArtifactError, BadInputError

logger = logging.getLogger(__name__)
CHUNK = 4_000


def churn_probabilities(*, as_of: dt.datetime) -> Iterator[dict[int, float]]:
    """Probabilities by the customer's primary key, some thousand at a time.

    None at all where no churn model is in production, or where it can't answer; the log says why.
    """
    number = live_deployment(CHURN, Environment.PRODUCTION).version
    if number is None:
        logger.info("No version of %s is in production: customers are scored without it", CHURN)
        return
    try:
        yield from _of_version(number, as_of)
    except (BadInputError, ModelRefusedError, ArtifactError, ValueError) as error:
        logger.warning("Version %d of %s gives no probabilities: %s", number, CHURN, error)


def _of_version(number: int, as_of: dt.datetime) -> Iterator[dict[int, float]]:
    version = served_version(CHURN, number)
    model = loaded(chosen_file(version.files))
    column = model.classes.index(LEFT)
    rows = list(values_as_of(version.features, as_of=as_of).items())
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        answers = model.predict([values for _, values in chunk])
        shares = (answer.probabilities for answer in answers)
        yield {key: share[column] for (key, _), share in zip(chunk, shares, strict=True) if share}
