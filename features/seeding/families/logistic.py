"""Logistic regression, a few solver iterations at a time."""

import warnings
from collections.abc import Iterator

from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from features.seeding.datasets import Split
from features.seeding.families.base import Family
from features.seeding.families.preparation import prepare
from features.seeding.results import Config


def fit(config: Config, split: Split, seed: int) -> Iterator[Pipeline]:
    """Warm starts: each epoch continues from the coefficients of the one before."""
    solver = config["solver"]
    estimator = LogisticRegression(
        solver=solver["name"],
        max_iter=solver["iterations_per_epoch"],
        C=config["regularisation"]["C"],
        l1_ratio=config["regularisation"]["l1_ratio"],
        warm_start=True,
        random_state=seed,
    )
    preparation = prepare(config["preprocessing"])
    x_train = preparation.fit_transform(split.x_train)
    model = Pipeline([("preparation", preparation), ("estimator", estimator)])
    for _ in range(solver["epochs"]):
        with warnings.catch_warnings():  # stopping before convergence is what an epoch is
            warnings.simplefilter("ignore", ConvergenceWarning)
            estimator.fit(x_train, split.y_train)
        yield model


LOGISTIC_REGRESSION = Family(fit, epoch_is="solver iterations")
