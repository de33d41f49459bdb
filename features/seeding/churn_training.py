"""Learns who leaves. Plain Python, no Django."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from sklearn import metrics as scores
from sklearn.calibration import calibration_curve
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from threadpoolctl import threadpool_limits

from features.seeding import model_files, plots
from features.seeding.churn_run import CLASSES, RUN_ID, STRENGTH, ChurnRows
from features.seeding.results import StoredFile, TrainedRun

SKOPS, PNG = "application/octet-stream", "image/png"
BINS = 10


def train(rows: ChurnRows) -> TrainedRun:
    """Fit on the rows to learn from, score on the held-out ones.

    What is missing is filled with the median; counts and dollars, which spread over decades, are learnt by
    their logarithm, so that the model stays a sum of its features.
    """
    started_at = datetime.now(UTC)
    frame = pd.DataFrame(rows.table, columns=list(rows.columns))
    learnt, asked = ~rows.is_held_out, rows.is_held_out
    model = make_pipeline(
        SimpleImputer(strategy="median"),
        FunctionTransformer(np.log1p, feature_names_out="one-to-one"),
        StandardScaler(),
        LogisticRegression(C=STRENGTH, max_iter=1_000),
    )
    with threadpool_limits(limits=1):
        model.fit(frame[learnt], np.where(rows.has_left, *CLASSES)[learnt])
        shares = model.predict_proba(frame[asked])[:, 1]
    truth = rows.has_left[asked]
    days = rows.table[asked, rows.columns.index("customer_activity:days_since_last_purchase")]
    return TrainedRun(
        run_id=RUN_ID,
        epochs=[],
        scores=_scores(truth, shares) | {"baseline_roc_auc": float(scores.roc_auc_score(truth, days))},
        files=[StoredFile("model/model.skops", SKOPS, model_files.to_bytes(model)), *_plots(truth, shares)],
        checkpoints=[],
        facts={"task": "classification", "estimator": "LogisticRegression", "seeded": "true"},
        started_at=started_at,
        ended_at=datetime.now(UTC),
    )


def _scores(truth: Any, shares: Any) -> dict[str, float]:
    predicted = shares > 0.5  # noqa: PLR2004 (the model's own threshold)
    return {
        "accuracy": float(scores.accuracy_score(truth, predicted)),
        "loss": float(scores.log_loss(truth, shares)),
        "roc_auc": float(scores.roc_auc_score(truth, shares)),
        "brier": float(scores.brier_score_loss(truth, shares)),
        "balanced_accuracy": float(scores.balanced_accuracy_score(truth, predicted)),
        "churn_rate": float(truth.mean()),
    }


def _plots(truth: Any, shares: Any) -> list[StoredFile]:
    false_rate, true_rate, _ = scores.roc_curve(truth, shares)
    told, seen = calibration_curve(truth, shares, n_bins=BINS, strategy="quantile")[::-1]
    roc = plots.line(false_rate, true_rate, title="churn: ROC", axes=("false alarms", "found"))
    calibration = plots.line(told, seen, title="churn: calibration", axes=("told", "left"))
    return [
        StoredFile("plots/roc_curve.png", PNG, roc),
        StoredFile("plots/calibration.png", PNG, calibration),
    ]
