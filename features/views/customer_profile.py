"""A customer's profile with predictions: ``GET /api/1/customers/<id>/profile``."""

from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from features.services.profile_answers import ProfileAnswer, profile_answer
from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import ForbiddenError

PERMISSION = "features.view_customer"


@endpoint(TokenScope.READ)
def read(_request: HttpRequest, caller: Caller, customer_id: str) -> HttpResponse:
    """200 with everything, or 202 with what is known and when to ask again.

    503 where the request was refused: the reason is in ``request``, and it may be repeated in a while.
    """
    if not caller.user.has_perm(PERMISSION):
        raise ForbiddenError(f"The user {caller.user.get_username()} may not view customers ({PERMISSION}).")
    answer = profile_answer(customer_id=customer_id)
    body = orjson.dumps({"state": answer.state, "source": answer.source, **answer.told})
    return HttpResponse(body, content_type="application/json", **_status(answer))


def _status(answer: ProfileAnswer) -> dict[str, Any]:
    if answer.state == "ready":
        return {"status": HTTPStatus.OK}
    if answer.state == "waiting":
        headers = {"Retry-After": str(answer.retry_after_seconds)}
        return {"status": HTTPStatus.ACCEPTED, "headers": headers}
    return {"status": HTTPStatus.SERVICE_UNAVAILABLE}
