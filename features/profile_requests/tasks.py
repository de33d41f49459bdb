"""The tasks behind a request."""

from contextlib import suppress

from features.queries.customer_facts import customer_facts
from features.services.profile_computing import compute_profile
from features.services.profile_requesting import request_profile
from registry.exceptions import NotFoundError
from registry.messaging import Queues, task

from .names import COMPUTE, REQUEST


@task(COMPUTE, queue=Queues.REQUESTS)
def compute(*, customer_id: str, number: int) -> None:
    """Compute a customer's predictions, keep them, and fill the cache once that is committed."""
    compute_profile(customer_id=customer_id, number=number)


@task(REQUEST, queue=Queues.REQUESTS)
def ask(*, customer_id: str) -> None:
    """Ask for a profile, as somebody would who reads it; of who is gone nothing is left to ask."""
    with suppress(NotFoundError):
        request_profile(customer_id=customer_id, segment=customer_facts(customer_id).segment)
