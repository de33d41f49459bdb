"""Scores of a fitted model on rows, under the names the runs log."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn import metrics as scores

from features.seeding.datasets import Array
from features.seeding.results import Task


def scored(model: Any, task: Task, x: Array, y: Array) -> Mapping[str, float]:
    """The quick pair of every epoch: ``loss``, and ``accuracy`` (classes) or ``r2`` (numbers)."""
    predicted = model.predict(x)
    if task == "classification":
        return {
            "loss": _classification_loss(model, x, y),
            "accuracy": float(scores.accuracy_score(y, predicted)),
        }
    return {
        "loss": float(scores.mean_squared_error(y, predicted)),
        "r2": float(scores.r2_score(y, predicted)),
    }


def fully_scored(model: Any, task: Task, x: Array, y: Array) -> Mapping[str, float]:
    """The final scores: the quick pair and the ones that people compare by."""
    predicted = model.predict(x)
    quick = scored(model, task, x, y)
    if task == "classification":
        return {
            **quick,
            "balanced_accuracy": float(scores.balanced_accuracy_score(y, predicted)),
            "f1_macro": float(scores.f1_score(y, predicted, average="macro")),
            "matthews_correlation": float(scores.matthews_corrcoef(y, predicted)),
        }
    return {
        **quick,
        "mean_absolute_error": float(scores.mean_absolute_error(y, predicted)),
        "max_error": float(scores.max_error(y, predicted)),
    }


def loss_name(model: Any, task: Task) -> str:
    """Which loss ``loss`` is; a support vector classifier has no probabilities, so it is hinge."""
    if task == "regression":
        return "mean squared error"
    return "log loss" if hasattr(model, "predict_proba") else "hinge loss"


def _classification_loss(model: Any, x: Array, y: Array) -> float:
    labels = np.unique(model.classes_)
    if hasattr(model, "predict_proba"):
        return float(scores.log_loss(y, model.predict_proba(x), labels=labels))
    return float(scores.hinge_loss(y, model.decision_function(x), labels=labels))
