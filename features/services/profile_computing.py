"""What the task does: ask the models about one customer, keep what they say."""

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from features.models import CustomerScore, ProfileRequest
from features.personalisation.maths.segments import RULES, SegmentName
from features.queries.customer_facts import customer_facts
from features.queries.live_deployments import live_deployment
from features.queries.served_versions import served_version
from features.seeding.churn_run import LEFT
from features.seeding.churn_run import NAME as CHURN
from registry.enums import Environment

from .feature_vectors import read_vectors, reading_of
from .profile_answers import warm
from .served_models import Served, loaded_model

State = ProfileRequest.State


def compute_profile(*, customer_id: str, number: int) -> None:
    """Answer a request with what the models say, in the caller's transaction.

    Who was deleted meanwhile has no request any more, and an older request than the newest is answered by
    the newer one: then there is nothing to do. The cache is filled after the commit.

    Raises:
        ModelRefusedError, ArtifactError: the deployed model can't be loaded.
        StoreUnavailableError: a store that is needed is away.
    """
    # The request alone: the customer's purchases, which refer to the customer, need not wait for the models.
    rows = ProfileRequest.objects.select_for_update(of=("self",))
    request = rows.filter(customer__customer_id=customer_id).first()
    if request is None or request.number != number or request.state != State.WAITING:
        return
    known, now = customer_facts(customer_id), timezone.now()
    request.facts = {"churn": _churn(customer_id), "value": _value(request.customer_id)}
    request.state, request.based_on = State.READY, known.based_on
    request.answered_at = request.computed_at = now
    request.save()
    transaction.on_commit(partial(warm, customer_id), robust=True)


def _churn(customer_id: str) -> dict[str, Any]:
    """What the deployed churn model says, or why it says nothing."""
    live = live_deployment(CHURN, Environment.PRODUCTION)
    if live.version is None:
        return {"probability": None, "reason": f"No version of {CHURN} is deployed."}
    version = served_version(CHURN, live.version)
    told: dict[str, Any] = {"model": CHURN, "version": version.number, "run_id": version.run_id}
    vectors, _ = read_vectors(reading_of(version.features, {"customer_id": [customer_id]}))
    (row,) = vectors.rows
    if not row.is_known:
        return told | {"probability": None, "reason": "The customer's features were never computed."}
    (answer,) = loaded_model(Served(version, Environment.PRODUCTION)).predict([row.values])
    shares = dict(zip(answer.classes, answer.probabilities or (), strict=False))
    return told | {
        "probability": shares.get(LEFT),
        "features_source": vectors.source,
        "features_at_ms": row.oldest_ms,
    }


def _value(customer_pk: int) -> dict[str, Any]:
    """The customer's score, or why there is none."""
    score = CustomerScore.objects.filter(customer=customer_pk).first()
    if score is None:
        return {"segment": None, "reason": "The customer was never scored (manage.py score_customers)."}
    return {
        "segment": score.segment,
        "segment_rule": RULES[SegmentName(score.segment)],
        "as_of": score.as_of.isoformat(),
        "recency_days": score.recency_days,
        "scores": [score.r, score.f, score.m],
        "p_alive": score.p_alive,
        "expected_purchases": score.expected_purchases,
        "expected_spend": score.expected_spend,
        "lifetime_value": score.lifetime_value,
        "run_id": score.run_id,
    }
