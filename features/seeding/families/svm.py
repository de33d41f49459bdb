"""Support vector machines with a kernel block."""

from collections.abc import Iterator

from sklearn.pipeline import Pipeline
from sklearn.svm import SVC, SVR

from features.seeding.datasets import Split
from features.seeding.families.base import Family, on_growing_shares
from features.seeding.families.preparation import prepare
from features.seeding.results import Config


def fit(config: Config, split: Split, seed: int) -> Iterator[Pipeline]:
    """Classifies by ``SVC``, regresses by ``SVR``."""
    kernel = config["kernel"]
    options = {
        "kernel": kernel["name"],
        "gamma": kernel.get("gamma", "scale"),
        "degree": kernel.get("degree", 3),
        "coef0": kernel.get("coef0", 0.0),
        "C": config["margin"]["C"],
    }
    if split.task == "classification":
        estimator = SVC(**options, random_state=seed)
    else:
        estimator = SVR(**options, epsilon=config["margin"]["epsilon"])
    return on_growing_shares(prepare(config["preprocessing"]), estimator, split)


SVM = Family(fit, epoch_is="share of the training rows")
