"""What the pages of customers and of their activity show in browser tests."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from features.definitions import VIEWER_RECOMMENDATIONS
from features.models import Customer, CustomerScore, Onboarding, OnboardingStep
from features.queries.view_schemas import view_schema
from features.recommending.run import NAME, VIEW
from features.services.definitions import apply_definitions
from features.services.online_features import OnlineRow, write_online_features
from features.services.profile_computing import compute_profile
from features.services.profile_requesting import request_profile
from registry.fields import new_hex_id
from registry.models import TrainingRun
from registry.services.artifacts import log_artifact
from tests.analysis.queries.activity_world import fill_activity
from tests.factories import (
    CustomerScoreFactory,
    ExperimentFactory,
    FilmFactory,
    MetricFactory,
    ModelVersionFactory,
    PurchaseFactory,
    RatingFactory,
    RunFactory,
    ViewerFactory,
)
from tests.factories.activity import alert_rule, hourly_activity

SEGMENTS = ("vip", "active", "at_risk", "dormant")
FIRST_PURCHASE = dt.datetime(1997, 1, 5, tzinfo=dt.UTC)
CHECKED = {"mae": 0.75, "baseline_past_mae": 1.25, "rmse": 1.5, "lift_of_best_tenth": 4.5}
PUBLISHED = {"published_apart": 0.01, "r": 0.2425, "published_r": 0.243}
RECOMMENDED = {
    "hit_rate_at_10": 0.2,
    "ndcg_at_10": 0.1,
    "popularity_hit_rate_at_10": 0.1,
    "popularity_ndcg_at_10": 0.05,
}


@dataclass(frozen=True)
class People:
    """A customer whose predictions are there, one whose are being computed, and a viewer of films."""

    customer_id: str
    waiting_id: str
    viewer_id: str


def fill_people(plot: bytes) -> People:
    """Customers of every segment with events, alerts, scores, predictions; films with recommendations."""
    newest = fill_activity(3)
    alert_rule()
    hourly_activity()
    begun = Onboarding.objects.latest("pk")
    OnboardingStep.objects.create(onboarding=begun, name="validate", message_id=new_hex_id())
    _scored(plot)
    return People(_answered(newest), _waiting(), _viewer(plot))


def _scored(plot: bytes) -> None:
    """Everyone, and more, by a model that was checked on other customers."""
    experiment = ExperimentFactory.create(name="customer-value")
    served, checked, sample = (
        RunFactory.create(name=name, experiment=experiment)
        for name in ("all weeks", "half of the weeks", "the published sample")
    )
    for segment in SEGMENTS:
        CustomerScoreFactory.create_batch(3, segment=segment)
    CustomerScore.objects.update(run_id=served.run_id)
    _measured(served, {"customers": 100.0})
    _measured(checked, {"customers": 100.0} | CHECKED)
    _measured(sample, {"customers": 10.0} | PUBLISHED)
    log_artifact(run_id=checked.run_id, path="plots/calibration.png", content=plot)
    ModelVersionFactory.create(run=served, model__name="customer-value")


def _measured(run: TrainingRun, figures: dict[str, float]) -> None:
    for key, value in figures.items():
        MetricFactory.create(run=run, key=key, latest_value=value)


def _answered(customer: Customer) -> str:
    for week in range(4):
        bought_at = FIRST_PURCHASE + dt.timedelta(weeks=week)
        PurchaseFactory.create(customer=customer, purchased_at=bought_at, amount=20 + week)
    request_profile(customer_id=customer.customer_id, segment="active")
    with transaction.atomic():
        compute_profile(customer_id=customer.customer_id, number=1)
    return customer.customer_id


def _waiting() -> str:
    customer = CustomerScoreFactory.create(segment="vip").customer
    request_profile(customer_id=customer.customer_id, segment="vip")
    return str(customer.customer_id)


def _viewer(plot: bytes) -> str:
    """One who liked three films, and to whom a deployed model recommends two others."""
    films = FilmFactory.create_batch(5, genres="Comedy, Romance")
    viewer = ViewerFactory.create()
    for film in films[:3]:
        RatingFactory.create(viewer=viewer, film=film)
    run = RunFactory.create(name="item-item", experiment__name=NAME)
    _measured(run, RECOMMENDED)
    log_artifact(run_id=run.run_id, path="plots/hit_rate.png", content=plot)
    ModelVersionFactory.create(run=run, model__name=NAME)
    apply_definitions([VIEWER_RECOMMENDATIONS])
    values = {
        "film_ids": [float(film.film_id) for film in films[3:]],
        "titles": "\n".join(film.title for film in films[3:]),
        "scores": [1.5, 0.5],
        "because_ids": [float(films[0].film_id)] * 2,
        "model_version": 1,
    }
    row = OnlineRow(viewer.viewer_id, timezone.now(), values)
    write_online_features(view=view_schema(VIEW), rows=[row])
    return str(viewer.viewer_id)
