"""New customers over the API: taken at once, brought in step by step."""

import datetime as dt
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse

from features.event_times import parsed_time
from features.onboarding.applications import Application
from features.onboarding.submitting import submit
from features.queries.onboardings import OnboardingStory, onboarding_story
from registry.api.authentication import Caller
from registry.api.idempotency import create_once
from registry.api.parsing import read_fields, required, text
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import BadInputError

from .permissions import require

MAY_ADD = "features.add_customer"
MAY_VIEW = "features.view_onboarding"


@endpoint(TokenScope.WRITE)
def create(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Take somebody on as a customer; the answer says where to ask how it goes."""
    require(caller.user, MAY_ADD)
    fields = read_fields(
        request, name=required(text), email=required(text), city=required(text), country=required(text),
        street=text, postal_code=text, customer_id=text, joined_at=moment,
    )  # fmt: skip
    onboarding = create_once(request, submit, application=Application(**fields))
    story = onboarding_story(str(onboarding.onboarding_id))
    address = reverse("features:onboarding", args=[story.onboarding_id])
    return JsonResponse({"onboarding": story_json(story)}, status=202, headers={"Location": address})


@endpoint(TokenScope.READ)
def read(_request: HttpRequest, caller: Caller, onboarding_id: str) -> JsonResponse:
    """How an onboarding stands, step by step."""
    require(caller.user, MAY_ADD, MAY_VIEW)
    return JsonResponse({"onboarding": story_json(onboarding_story(onboarding_id))})


def moment(name: str, value: Any) -> dt.datetime:
    """A time in ISO 8601 with its zone."""
    found = parsed_time(text(name, value))
    if found is None:
        raise BadInputError(f"The field {name!r} must be a time in ISO 8601, such as 2026-11-22T10:00:00Z.")
    return found


def story_json(story: OnboardingStory) -> dict[str, Any]:
    """An onboarding as the API shows it."""
    return asdict(story)
