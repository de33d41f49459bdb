"""What a viewer liked, and what the deployed model recommends to them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count

from analysis.queries.customers.evaluation import NO_RUN, Evaluation, evaluation_of
from features.models import Film, Rating, Viewer
from features.recommending.run import NAME, VIEW
from features.services.online_features import get_online_features
from registry.enums import Environment
from registry.exceptions import NotFoundError
from registry.models import ModelVersion

SHOWN_LIKED = 10
EXAMPLES = 8
FEATURES = ("film_ids", "scores", "because_ids", "model_version")
BASELINES = (("The model", ""), ("By popularity", "popularity_"), ("At random", "random_"))


@dataclass(frozen=True, slots=True)
class RatedFilm:
    """A film that the viewer rated, 1 to 5 stars."""

    title: str
    released_in: int | None
    genres: str
    stars: int
    rated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class RecommendedFilm:
    """A film that they did not rate; ``share`` is its score as a share of the best one's."""

    place: int
    title: str
    released_in: int | None
    genres: str
    score: float
    share: float
    because: str


@dataclass(frozen=True, slots=True)
class ViewerPage:
    """One viewer; ``source`` is ``online``, or ``offline`` where Redis is away; ``at``: when computed."""

    viewer_id: str
    age: int
    occupation: str
    rated: int
    liked: list[RatedFilm]
    recommended: list[RecommendedFilm]
    source: str
    at: dt.datetime | None
    model_version: int | None


@dataclass(frozen=True, slots=True)
class Compared:
    """How good the model is beside what needs none: rows of (name, hit rate@10, NDCG@10)."""

    evaluation: Evaluation
    rows: list[tuple[str, float, float]]


def examples() -> list[str]:
    """Some viewers' ids (one statement)."""
    return list(Viewer.objects.order_by("pk").values_list("viewer_id", flat=True)[:EXAMPLES])


def viewer_page(viewer_id: str) -> ViewerPage:
    """One viewer's page (four statements and a round trip to Redis).

    Raises:
        NotFoundError: there is no such viewer, or nothing was ever recommended to anyone.
        StoreUnavailableError: neither Redis nor PostgreSQL has the recommendations.
    """
    viewer = Viewer.objects.filter(viewer_id=viewer_id).annotate(rated=Count("ratings")).first()
    if viewer is None:
        raise NotFoundError(f"There is no viewer {viewer_id[:50]!r}.")
    found = get_online_features(
        features=[f"{VIEW}:{name}" for name in FEATURES], entities={"viewer_id": [viewer_id]}
    )
    columns = list(found.columns.values())
    values = {column.feature: column.values[0] for column in columns}
    event_ms = columns[0].event_ms[0]
    liked = viewer.ratings.select_related("film").order_by("-stars", "-rated_at", "-pk")
    return ViewerPage(
        viewer_id=viewer.viewer_id,
        age=viewer.age,
        occupation=viewer.occupation,
        rated=viewer.rated,
        liked=[_rated(each) for each in liked[:SHOWN_LIKED]],
        recommended=_recommended(values),
        source=found.source,
        at=None if event_ms is None else dt.datetime.fromtimestamp(event_ms / 1_000, dt.UTC),
        model_version=values["model_version"],
    )


def compared(viewer: User) -> Compared | None:
    """Of the run behind the deployed version; None where it may not be read (three statements)."""
    versions = ModelVersion.objects.filter(
        model__name=NAME, deployments__environment=Environment.PRODUCTION, deployments__status="live"
    )
    found = evaluation_of(viewer, str(versions.values_list("run__run_id", flat=True).first() or NO_RUN))
    if found is None:
        return None
    measured = found.figures
    rows = [
        (name, measured.get(f"{prefix}hit_rate_at_10", 0.0), measured.get(f"{prefix}ndcg_at_10", 0.0))
        for name, prefix in BASELINES
    ]
    return Compared(found, rows)


def _rated(rating: Rating) -> RatedFilm:
    film = rating.film
    return RatedFilm(film.title, film.released_in, film.genres, rating.stars, rating.rated_at)


def _recommended(values: Mapping[str, Any]) -> list[RecommendedFilm]:
    if not values["film_ids"]:
        return []
    ids = [int(each) for each in values["film_ids"]]
    because = [int(each) for each in values["because_ids"]]
    films = Film.objects.in_bulk([*ids, *because], field_name="film_id")
    scores = values["scores"]
    return [
        RecommendedFilm(
            place=place,
            title=films[film_id].title,
            released_in=films[film_id].released_in,
            genres=films[film_id].genres,
            score=score,
            share=score / scores[0],
            because=films[reason].title,
        )
        for place, (film_id, score, reason) in enumerate(zip(ids, scores, because, strict=True), start=1)
        if film_id in films and reason in films
    ]
