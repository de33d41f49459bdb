"""One file per model family; this is the table that names them."""

from features.seeding.families.base import Family
from features.seeding.families.boosting import GRADIENT_BOOSTING
from features.seeding.families.forest import RANDOM_FOREST
from features.seeding.families.linear import ELASTIC_NET, RIDGE
from features.seeding.families.logistic import LOGISTIC_REGRESSION
from features.seeding.families.mlp import MLP
from features.seeding.families.neighbours import K_NEIGHBOURS
from features.seeding.families.sgd import SGD
from features.seeding.families.svm import SVM

FAMILIES: dict[str, Family] = {
    "logistic_regression": LOGISTIC_REGRESSION,
    "sgd": SGD,
    "mlp": MLP,
    "random_forest": RANDOM_FOREST,
    "gradient_boosting": GRADIENT_BOOSTING,
    "svm": SVM,
    "k_neighbours": K_NEIGHBOURS,
    "ridge": RIDGE,
    "elastic_net": ELASTIC_NET,
}

__all__ = ["FAMILIES", "Family"]
