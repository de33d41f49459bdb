"""Random forests that grow a few trees at a time."""

from collections.abc import Iterator

from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import Pipeline

from features.seeding.datasets import Split
from features.seeding.families.base import Family, by_growing
from features.seeding.families.preparation import prepare
from features.seeding.results import Config


def fit(config: Config, split: Split, seed: int) -> Iterator[Pipeline]:
    """``trees_per_epoch`` more trees per epoch."""
    forest, tree = config["forest"], config["forest"]["tree"]
    is_classes = split.task == "classification"
    estimator = (RandomForestClassifier if is_classes else RandomForestRegressor)(
        criterion=tree["criterion"],
        max_depth=tree["max_depth"],
        min_samples_leaf=tree["min_samples_leaf"],
        max_features=tree["max_features"],
        bootstrap=forest["bootstrap"],
        random_state=seed,
        n_jobs=1,
    )
    total, step = forest["trees"], forest["trees_per_epoch"]
    return by_growing(prepare([]), estimator, split, total=total, step=step)


RANDOM_FOREST = Family(fit, epoch_is="batch of trees")
