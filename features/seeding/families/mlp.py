"""Multi-layer perceptrons declared as a list of layers."""

from collections.abc import Iterator
from typing import Any

from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline

from features.seeding.datasets import Split
from features.seeding.families.base import Family, by_passes
from features.seeding.families.preparation import prepare
from features.seeding.results import Config


def fit(config: Config, split: Split, seed: int) -> Iterator[Pipeline]:
    """One pass over the training rows in mini-batches per epoch."""
    dense = [layer for layer in config["layers"] if layer["type"] == "dense"]
    training = config["training"]
    estimator_class = MLPClassifier if split.task == "classification" else MLPRegressor
    estimator = estimator_class(
        hidden_layer_sizes=tuple(layer["units"] for layer in dense),
        activation=dense[0]["activation"],
        alpha=training["weight_decay"],
        batch_size=training["batch_size"],
        random_state=seed,
        **_optimizer(config["optimizer"]),
    )
    preparation = prepare(config["preprocessing"])
    return by_passes(preparation, estimator, split, epochs=training["epochs"], seed=seed)


def _optimizer(block: Config) -> dict[str, Any]:
    if block["name"] == "sgd":
        return {
            "solver": "sgd",
            "learning_rate_init": block["learning_rate"],
            "momentum": block["momentum"],
            "nesterovs_momentum": block["nesterov"],
        }
    first, second = block["betas"]
    return {
        "solver": "adam",
        "learning_rate_init": block["learning_rate"],
        "beta_1": first,
        "beta_2": second,
    }


MLP = Family(fit, epoch_is="pass over the training rows")
