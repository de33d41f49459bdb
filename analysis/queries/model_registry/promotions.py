"""Promotions of a model that are under way, or stand still."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from registry.enums import SagaState, SagaStepState
from registry.models import Saga, SagaStep
from registry.services.deployments import PROMOTE

MOST = 10
ERROR_NAME = re.compile(r"^\w+Error: ")
UNFINISHED = (SagaState.RUNNING, SagaState.COMPENSATING, SagaState.STUCK)
WORDS = {
    "request": "asked for",
    "check": "files checked",
    "switch": "switched over",
    "announce": "Redis told",
}


@dataclass(frozen=True, slots=True)
class Promotion:
    """One promotion and how far it has come.

    Attributes:
        key: Its primary key, for the admin's address.
        steps: Each step in words with its state: ``pending``, ``done``, ``compensated``, ``failed``.
    """

    key: int
    saga_id: str
    version: int
    environment: str
    state: str
    problem: str
    steps: list[tuple[str, str]]
    by: str
    at: dt.datetime

    @property
    def is_switched(self) -> bool:
        """Whether the version is live already, and only Redis is still to be told."""
        return (WORDS["switch"], SagaStepState.DONE.value) in self.steps


def promotions(model: str) -> list[Promotion]:
    """Those of a model that have not ended, newest first (one statement)."""
    steps = SagaStep.objects.filter(saga=OuterRef("pk")).order_by("position")
    rows = Saga.objects.filter(kind=PROMOTE.name, aggregate_id=model, state__in=UNFINISHED)
    told = rows.select_related("created_by").annotate(
        told_steps=ArraySubquery(steps.values(told=JSONObject(name="name", state="state")))
    )
    return [_promotion(saga) for saga in told[:MOST]]


def _promotion(saga: Any) -> Promotion:
    return Promotion(
        key=saga.pk,
        saga_id=saga.saga_id,
        version=saga.data["version"],
        environment=saga.data["environment"],
        state=saga.state,
        problem=ERROR_NAME.sub("", saga.last_error),
        steps=[(WORDS.get(each["name"], each["name"]), each["state"]) for each in saga.told_steps],
        by=saga.created_by.get_username() if saga.created_by else "",
        at=saga.created_at,
    )
