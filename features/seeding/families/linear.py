"""Ridge and elastic net, for regression."""

from collections.abc import Iterator

from sklearn.linear_model import ElasticNet, Ridge
from sklearn.pipeline import Pipeline

from features.seeding.datasets import Split
from features.seeding.families.base import Family, on_growing_shares
from features.seeding.families.preparation import prepare
from features.seeding.results import Config


def fit_ridge(config: Config, split: Split, seed: int) -> Iterator[Pipeline]:
    """A penalty on the squared coefficients."""
    estimator = Ridge(alpha=config["penalty"]["l2"], random_state=seed)
    return on_growing_shares(prepare(config["preprocessing"]), estimator, split)


def fit_elastic_net(config: Config, split: Split, seed: int) -> Iterator[Pipeline]:
    """A mixed penalty, solved by coordinate descent."""
    estimator = ElasticNet(
        alpha=config["penalty"]["strength"],
        l1_ratio=config["penalty"]["mix"]["l1"],
        selection=config["descent"]["selection"],
        max_iter=config["descent"]["max_passes"],
        random_state=seed,
    )
    return on_growing_shares(prepare(config["preprocessing"]), estimator, split)


RIDGE = Family(fit_ridge, epoch_is="share of the training rows")
ELASTIC_NET = Family(fit_elastic_net, epoch_is="share of the training rows")
