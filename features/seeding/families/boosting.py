"""Gradient boosting behind an optional block of feature engineering."""

from collections.abc import Iterator

from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.pipeline import Pipeline

from features.seeding.datasets import Split
from features.seeding.families.base import Family, by_growing
from features.seeding.families.preparation import engineer, prepare
from features.seeding.results import Config


def fit(config: Config, split: Split, seed: int) -> Iterator[Pipeline]:
    """``stages_per_epoch`` more boosting stages per epoch."""
    boosting, tree = config["boosting"], config["boosting"]["tree"]
    is_classes = split.task == "classification"
    estimator = (GradientBoostingClassifier if is_classes else GradientBoostingRegressor)(
        loss=boosting["objective"],
        learning_rate=boosting["learning_rate"],
        subsample=boosting["subsample"],
        max_depth=tree["max_depth"],
        min_samples_leaf=tree["min_samples_leaf"],
        max_features=tree["max_features"],
        random_state=seed,
    )
    blocks = config.get("feature_engineering")
    preparation = engineer(blocks, split.feature_names) if blocks else prepare([])
    total, step = boosting["stages"], boosting["stages_per_epoch"]
    return by_growing(preparation, estimator, split, total=total, step=step)


GRADIENT_BOOSTING = Family(fit, epoch_is="batch of boosting stages")
