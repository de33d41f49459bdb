"""The churn model: trained on point-in-time features, recorded, registered and deployed."""

from collections.abc import Iterator

from django.db import transaction

from features.queries.served_versions import FEATURES_TAG
from features.seeding.churn_rows import churn_rows
from features.seeding.churn_run import CONFIG, DATASET, NAME, RUN_ID, ChurnRows
from features.seeding.pool import Workers
from features.seeding.publication import CHAMPION, publish_version
from features.seeding.results import TrainedRun
from registry.models import RegisteredModel, TrainingRun
from registry.services.registered_models import register_model
from registry.services.runs import end_run
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
    # All of the run or nothing of it, as for the sweep's runs.
    with (
        transaction.atomic(),
        tracker.start_run(
            experiment=NAME,
            run_id=RUN_ID,
            name="logistic regression on log features",
            model_name=NAME,
            framework="scikit-learn",
            dataset=DATASET,
            config=CONFIG,
            tags=result.facts,
            started_at=result.started_at,
        ) as active,
    ):
        active.log_metrics(result.scores, at=result.ended_at)
        for file in result.files:
            active.log_bytes(file.content, path=file.path, media_type=file.media_type)
        active.add_note(
            f"Of customers and a quarter never seen: ROC AUC {result.scores['roc_auc']:.3f};"
            f" by the days since the last purchase alone {result.scores['baseline_roc_auc']:.3f}."
        )
        end_run(run_id=RUN_ID, ended_at=result.ended_at)


def _publish(tracker: Tracker) -> None:
    """Safe to repeat: what is there already is left as it is."""
    if not RegisteredModel.objects.filter(name=NAME).exists():
        register_model(name=NAME, description=DESCRIPTION, user=tracker.user)
    publish_version(
        NAME,
        run_id=RUN_ID,
        place=CHAMPION,
        description="Point-in-time features of CDNOW",
        tags={FEATURES_TAG: ",".join(CONFIG["features"])},
        user=tracker.user,
    )
