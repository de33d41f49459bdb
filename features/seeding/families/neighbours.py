"""k nearest neighbours."""

from collections.abc import Iterator

from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline

from features.seeding.datasets import Split
from features.seeding.families.base import Family, on_growing_shares
from features.seeding.families.preparation import prepare
from features.seeding.results import Config


def fit(config: Config, split: Split, seed: int) -> Iterator[Pipeline]:  # noqa: ARG001 — no chance in it
    """Remembers the training rows; nothing in it is random."""
    distance = config["distance"]
    estimator_class = KNeighborsClassifier if split.task == "classification" else KNeighborsRegressor
    estimator = estimator_class(
        n_neighbors=config["neighbours"],
        weights=config["weights"],
        metric=distance["metric"],
        p=distance.get("p", 2),
        algorithm="brute",
    )
    return on_growing_shares(prepare(config["preprocessing"]), estimator, split)


K_NEIGHBOURS = Family(fit, epoch_is="share of the training rows")
