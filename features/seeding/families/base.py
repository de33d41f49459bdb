"""What a model family is: it trains step by step, and can be scored after each step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from features.seeding.datasets import Split
from features.seeding.results import Config

Fit = Callable[[Config, Split, int], Iterator[Pipeline]]
ROW_SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Family:
    """A way of learning.

    ``fit(config, split, seed)`` yields the model after each epoch, the finished one last; the same
    object may be yielded again, so score it before going on. ``epoch_is`` says what an epoch is.
    """

    fit: Fit
    epoch_is: str


def on_growing_shares(preparation: Pipeline, estimator: Any, split: Split) -> Iterator[Pipeline]:
    """Models fitted in one go learn from a fifth, two fifths, … and at last all training rows."""
    model = Pipeline([("preparation", preparation), ("estimator", estimator)])
    for share in ROW_SHARES:
        rows = round(share * len(split.x_train))
        yield clone(model).fit(split.x_train[:rows], split.y_train[:rows])


def by_passes(
    preparation: Pipeline, estimator: Any, split: Split, *, epochs: int, seed: int
) -> Iterator[Pipeline]:
    """One ``partial_fit`` over the shuffled training rows per epoch."""
    order = np.random.default_rng(seed)
    x_train = preparation.fit_transform(split.x_train)
    options = {"classes": np.unique(split.y_train)} if split.task == "classification" else {}
    model = Pipeline([("preparation", preparation), ("estimator", estimator)])
    for _ in range(epochs):
        rows = order.permutation(len(x_train))
        estimator.partial_fit(x_train[rows], split.y_train[rows], **options)
        yield model
        options = {}


def by_growing(
    preparation: Any, estimator: Any, split: Split, *, total: int, step: int
) -> Iterator[Pipeline]:
    """Adds ``step`` trees per epoch to a warm-started ensemble until it has ``total``."""
    x_train = preparation.fit_transform(split.x_train)
    model = Pipeline([("preparation", preparation), ("estimator", estimator)])
    for trees in range(step, total + 1, step):
        estimator.set_params(n_estimators=trees, warm_start=True)
        estimator.fit(x_train, split.y_train)
        yield model
