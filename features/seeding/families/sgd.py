"""Linear models by stochastic gradient descent."""

from collections.abc import Iterator

from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.pipeline import Pipeline

from features.seeding.datasets import Split
from features.seeding.families.base import Family, by_passes
from features.seeding.families.preparation import prepare
from features.seeding.results import Config


def fit(config: Config, split: Split, seed: int) -> Iterator[Pipeline]:
    """One pass over the training rows per epoch."""
    penalty, schedule = config["penalty"], config["schedule"]
    estimator_class = SGDClassifier if split.task == "classification" else SGDRegressor
    estimator = estimator_class(
        loss=config["objective"],
        penalty=penalty["name"],
        alpha=penalty["alpha"],
        l1_ratio=penalty.get("l1_ratio", 0.15),
        learning_rate=schedule["name"],
        eta0=schedule["eta0"],
        average=config["average"],
        random_state=seed,
    )
    preparation = prepare(config["preprocessing"])
    return by_passes(preparation, estimator, split, epochs=config["epochs"], seed=seed)


SGD = Family(fit, epoch_is="pass over the training rows")
