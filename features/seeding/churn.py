"""The churn model: trained on point-in-time features, recorded, registered and deployed."""

from collections.abc import Iterator

from features.queries.served_versions import FEATURES_TAG
from features.seeding.churn_rows import churn_rows
from features.seeding.churn_run import CONFIG, DATASET, NAME, RUN_ID, ChurnRows
from features.seeding.pool import Workers
from features.seeding.publication import CHAMPION, name_model, publish_version
from features.seeding.recorder import recorded
from features.seeding.results import TrainedRun
from registry.models import TrainingRun
from registry.tracking import Tracker

Training = tuple[ChurnRows, Iterator[TrainedRun]]
DESCRIPTION = "Who buys nothing in the next 180 days? Answers from the online features of a customer."


def begin_churn(pool: Workers) -> Training | None:
    """Start to train in another process; None where the run is on record.

    Raises:
        ConflictError: the customers' features were never computed.
    """
    if TrainingRun.objects.filter(run_id=RUN_ID).exists():
        return None
    rows = churn_rows()
    return rows, pool.train_churn(rows)


def finish_churn(training: Training | None, *, tracker: Tracker) -> int:
    """Record what was trained and see that it is registered and deployed; returns how many runs are new."""
    if training is not None:
        rows, results = training
        _record(tracker, rows, next(results))
    _publish(tracker)
    return int(training is not None)


def _record(tracker: Tracker, rows: ChurnRows, result: TrainedRun) -> None:
    tracker.create_dataset(
        DATASET,
        digest=rows.digest,
        row_count=len(rows.table),
        feature_count=len(rows.columns),
        source="CDNOW, in the lifetimes wheel",
        description="Customers' features as they were known, and whether they bought in the 180 days after.",
    )
    tracker.create_experiment(NAME, description=DESCRIPTION, tags={"seeded": "true", "dataset": DATASET})
    with recorded(
        tracker,
        result,
        experiment=NAME,
        name="logistic regression on log features",
        model_name=NAME,
        framework="scikit-learn",
        dataset=DATASET,
        config=CONFIG,
    ) as active:
        active.add_note(
            f"Of customers and a quarter never seen: ROC AUC {result.scores['roc_auc']:.3f};"
            f" by the days since the last purchase alone {result.scores['baseline_roc_auc']:.3f}."
        )


def _publish(tracker: Tracker) -> None:
    """Safe to repeat: what is there already is left as it is."""
    name_model(NAME, description=DESCRIPTION, user=tracker.user)
    publish_version(
        NAME,
        run_id=RUN_ID,
        place=CHAMPION,
        description="Point-in-time features of CDNOW",
        tags={FEATURES_TAG: ",".join(CONFIG["features"])},
        user=tracker.user,
    )
