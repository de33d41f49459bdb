"""Builders of the nested configs; each family has a shape of its own."""

from collections.abc import Sequence
from typing import Any

from features.seeding.results import Config

SCALED: list[Config] = [{"step": "standard_scaler"}]


def logistic(
    *, solver: str = "lbfgs", inverse_strength: float = 1.0, l1_ratio: float = 0.0, epochs: int = 12
) -> Config:
    """``l1_ratio`` 0 is ridge, 1 is lasso (``saga`` only)."""
    return {
        "preprocessing": SCALED,
        "solver": {"name": solver, "epochs": epochs, "iterations_per_epoch": 2},
        "regularisation": {"C": inverse_strength, "l1_ratio": l1_ratio},
    }


def sgd(
    objective: str,
    *,
    penalty: Config,
    schedule: str = "optimal",
    eta0: float = 0.01,
    epochs: int = 25,
    average: bool = False,
) -> Config:
    """A linear model by stochastic gradient descent, with its learning-rate schedule."""
    return {
        "preprocessing": SCALED,
        "objective": objective,
        "penalty": penalty,
        "schedule": {"name": schedule, "eta0": eta0},
        "epochs": epochs,
        "average": average,
    }


def adam(learning_rate: float, *, betas: tuple[float, float] = (0.9, 0.999)) -> Config:
    """The Adam optimizer."""
    return {"name": "adam", "learning_rate": learning_rate, "betas": list(betas)}


def momentum(learning_rate: float, *, rate: float = 0.9, nesterov: bool = True) -> Config:
    """Stochastic gradient descent with momentum."""
    return {
        "name": "sgd",
        "learning_rate": learning_rate,
        "momentum": rate,
        "nesterov": nesterov,
    }


def mlp(
    *units: int,
    outputs: int,
    activation: str = "relu",
    optimizer: Config,
    epochs: int = 30,
    batch_size: int = 32,
    weight_decay: float = 1e-4,
    preprocessing: Sequence[Config] = SCALED,
) -> Config:
    """A list of layers; ``outputs`` is the number of classes, or 1 for a regression."""
    hidden = [{"type": "dense", "units": size, "activation": activation} for size in units]
    link = "identity" if outputs == 1 else "softmax"
    return {
        "preprocessing": list(preprocessing),
        "layers": [*hidden, {"type": "output", "units": outputs, "activation": link}],
        "optimizer": optimizer,
        "training": {"epochs": epochs, "batch_size": batch_size, "weight_decay": weight_decay},
    }


def forest(
    criterion: str,
    *,
    trees: int = 60,
    max_depth: int | None = None,
    max_features: float | str = "sqrt",
    min_samples_leaf: int = 1,
    bootstrap: bool = True,
) -> Config:
    """A random forest grown in ten epochs."""
    tree = {
        "criterion": criterion,
        "max_depth": max_depth,
        "max_features": max_features,
        "min_samples_leaf": min_samples_leaf,
    }
    return {
        "forest": {
            "trees": trees,
            "trees_per_epoch": trees // 10,
            "bootstrap": bootstrap,
            "tree": tree,
        }
    }


def boosting(
    objective: str,
    *,
    stages: int = 60,
    learning_rate: float = 0.1,
    subsample: float = 0.8,
    max_depth: int = 3,
    max_features: float | str | None = None,
    engineering: Config | None = None,
) -> Config:
    """Gradient boosting in ten epochs; ``engineering`` names the columns to combine and to bin."""
    tree = {"max_depth": max_depth, "min_samples_leaf": 5, "max_features": max_features}
    config: Config = {
        "boosting": {
            "objective": objective,
            "stages": stages,
            "stages_per_epoch": stages // 10,
            "learning_rate": learning_rate,
            "subsample": subsample,
            "tree": tree,
        }
    }
    return {"feature_engineering": engineering, **config} if engineering else config


def svm(kernel: Config, *, margin: Config, preprocessing: Sequence[Config] = SCALED) -> Config:
    """A support vector machine; a regression's ``margin`` needs ``epsilon``."""
    return {"kernel": kernel, "margin": margin, "preprocessing": list(preprocessing)}


def neighbours(
    count: int,
    *,
    distance: Config,
    weights: str = "uniform",
    preprocessing: Sequence[Config] = SCALED,
) -> Config:
    """The k nearest neighbours by a distance."""
    return {
        "neighbours": count,
        "weights": weights,
        "distance": distance,
        "preprocessing": list(preprocessing),
    }


def penalised(penalty: Config, *, degree: int = 1, **blocks: Any) -> Config:
    """Ridge or elastic net on scaled columns, or on their products up to ``degree``."""
    products: Config = {"step": "polynomial_features", "degree": degree, "include_bias": False}
    steps = [*SCALED, products, *SCALED] if degree > 1 else SCALED
    return {"preprocessing": steps, "penalty": penalty, **blocks}
