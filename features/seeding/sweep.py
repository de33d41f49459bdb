"""The declared runs: which family learns which data set, with which config."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from features.seeding import configs as c
from features.seeding.results import Config, Task

SEED = 20261101
MINKOWSKI = {"metric": "minkowski", "p": 2}
COSINE = {"metric": "cosine"}
RBF = {"name": "rbf", "gamma": "scale"}
BODY = {"columns": ["bmi", "bp", "s5"], "degree": 2}
AGE = {"columns": ["age"], "count": 5, "strategy": "quantile"}
SHAPE = {"columns": ["mean radius", "mean texture", "mean concavity"], "degree": 3}
WHITENED: list[Config] = [{"step": "standard_scaler"}, {"step": "pca", "n_components": 24, "whiten": True}]
UNIT: list[Config] = [{"step": "min_max_scaler"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRun:
    """One training to do. ``run_id`` is the same whenever the same training is declared."""

    name: str
    family: str
    dataset: str
    task: Task
    config: Config = field(repr=False)
    seed: int = SEED

    @property
    def experiment(self) -> str:
        """One experiment per data set."""
        return f"{self.dataset}-{self.task}"

    @property
    def run_id(self) -> str:
        """32 hex characters of the SHA-256 over family, data set, config and seed."""
        declared = [self.family, self.dataset, self.config, self.seed]
        text = json.dumps(declared, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


Line = tuple[str, str, Config]

DIGITS: Sequence[Line] = [
    ("logistic-lbfgs", "logistic_regression", c.logistic(inverse_strength=0.1)),
    ("logistic-saga-lasso", "logistic_regression", c.logistic(solver="saga", l1_ratio=1.0)),
    ("sgd-log-l2", "sgd", c.sgd("log_loss", penalty={"name": "l2", "alpha": 1e-3})),
    (
        "sgd-huber-elastic-averaged",
        "sgd",
        c.sgd(
            "modified_huber",
            penalty={"name": "elasticnet", "alpha": 1e-4, "l1_ratio": 0.3},
            schedule="invscaling",
            eta0=0.05,
            average=True,
        ),
    ),
    ("mlp-32", "mlp", c.mlp(32, outputs=10, optimizer=c.adam(0.003))),
    ("mlp-128-64", "mlp", c.mlp(128, 64, outputs=10, optimizer=c.adam(0.001))),
    (
        "mlp-64-64-32-tanh",
        "mlp",
        c.mlp(64, 64, 32, outputs=10, activation="tanh", optimizer=c.adam(0.002)),
    ),
    (
        "mlp-100-nesterov",
        "mlp",
        c.mlp(100, outputs=10, optimizer=c.momentum(0.02), batch_size=64, preprocessing=UNIT),
    ),
    ("forest-gini", "random_forest", c.forest("gini", trees=100)),
    ("forest-entropy-shallow", "random_forest", c.forest("entropy", max_depth=6)),
    ("boosting", "gradient_boosting", c.boosting("log_loss", stages=30, max_features="sqrt")),
    ("svm-rbf", "svm", c.svm(RBF, margin={"C": 5.0})),
    (
        "svm-poly-whitened",
        "svm",
        c.svm(
            {"name": "poly", "degree": 2, "coef0": 1.0},
            margin={"C": 1.0},
            preprocessing=WHITENED,
        ),
    ),
    ("knn-3", "k_neighbours", c.neighbours(3, distance=MINKOWSKI, preprocessing=UNIT)),
    ("knn-7-cosine", "k_neighbours", c.neighbours(7, distance=COSINE, weights="distance")),
]

BREAST_CANCER: Sequence[Line] = [
    ("logistic-lbfgs", "logistic_regression", c.logistic(inverse_strength=0.5)),
    (
        "logistic-saga-elastic",
        "logistic_regression",
        c.logistic(solver="saga", inverse_strength=0.3, l1_ratio=0.5, epochs=20),
    ),
    ("sgd-log-l1", "sgd", c.sgd("log_loss", penalty={"name": "l1", "alpha": 1e-3})),
    ("mlp-16", "mlp", c.mlp(16, outputs=2, optimizer=c.adam(0.003))),
    ("mlp-32-16", "mlp", c.mlp(32, 16, outputs=2, optimizer=c.adam(0.002), weight_decay=0.01)),
    ("forest-gini", "random_forest", c.forest("gini", trees=80)),
    ("forest-leaf-4", "random_forest", c.forest("gini", min_samples_leaf=4, max_features=0.5)),
    ("boosting", "gradient_boosting", c.boosting("log_loss")),
    (
        "boosting-engineered",
        "gradient_boosting",
        c.boosting("log_loss", learning_rate=0.2, engineering={"interactions": SHAPE}),
    ),
    ("svm-linear", "svm", c.svm({"name": "linear"}, margin={"C": 0.5})),
    ("svm-rbf", "svm", c.svm(RBF, margin={"C": 2.0})),
    ("knn-5", "k_neighbours", c.neighbours(5, distance=MINKOWSKI)),
]

WINE: Sequence[Line] = [
    ("logistic-lbfgs", "logistic_regression", c.logistic()),
    ("sgd-huber", "sgd", c.sgd("modified_huber", penalty={"name": "l2", "alpha": 1e-2})),
    ("mlp-16", "mlp", c.mlp(16, outputs=3, optimizer=c.adam(0.01), batch_size=16)),
    ("forest-gini", "random_forest", c.forest("gini")),
    ("forest-no-bootstrap", "random_forest", c.forest("entropy", bootstrap=False, max_depth=3)),
    ("boosting-stumps", "gradient_boosting", c.boosting("log_loss", max_depth=1)),
    (
        "svm-sigmoid",
        "svm",
        c.svm({"name": "sigmoid", "gamma": 0.02, "coef0": 0.0}, margin={"C": 3.0}),
    ),
    ("knn-9", "k_neighbours", c.neighbours(9, distance=MINKOWSKI, weights="distance")),
    (
        "knn-5-manhattan",
        "k_neighbours",
        c.neighbours(5, distance={"metric": "manhattan"}, preprocessing=UNIT),
    ),
]

DIABETES: Sequence[Line] = [
    ("ridge", "ridge", c.penalised({"l2": 10.0})),
    ("ridge-quadratic", "ridge", c.penalised({"l2": 200.0}, degree=2)),
    (
        "elastic-net",
        "elastic_net",
        c.penalised(
            {"strength": 1.0, "mix": {"l1": 0.7, "l2": 0.3}},
            descent={"selection": "cyclic", "max_passes": 5000},
        ),
    ),
    (
        "elastic-net-quadratic",
        "elastic_net",
        c.penalised(
            {"strength": 3.0, "mix": {"l1": 0.9, "l2": 0.1}},
            degree=2,
            descent={"selection": "random", "max_passes": 5000},
        ),
    ),
    (
        "sgd-squared",
        "sgd",
        c.sgd("squared_error", penalty={"name": "l2", "alpha": 0.01}, schedule="invscaling"),
    ),
    (
        "sgd-huber-averaged",
        "sgd",
        c.sgd(
            "huber",
            penalty={"name": "elasticnet", "alpha": 1e-4, "l1_ratio": 0.5},
            schedule="constant",
            eta0=3.0,
            average=True,
        ),
    ),
    ("mlp-32", "mlp", c.mlp(32, outputs=1, optimizer=c.adam(0.01), epochs=40)),
    (
        "mlp-64-32",
        "mlp",
        c.mlp(64, 32, outputs=1, optimizer=c.adam(0.005), epochs=40, weight_decay=1.0),
    ),
    ("forest", "random_forest", c.forest("squared_error", max_features=0.4, min_samples_leaf=3)),
    (
        "forest-absolute",
        "random_forest",
        c.forest("absolute_error", trees=40, max_features=0.4, max_depth=5),
    ),
    ("boosting", "gradient_boosting", c.boosting("squared_error", learning_rate=0.05)),
    (
        "boosting-engineered",
        "gradient_boosting",
        c.boosting("huber", learning_rate=0.05, engineering={"interactions": BODY, "bins": AGE}),
    ),
    ("svr-rbf", "svm", c.svm(RBF, margin={"C": 50.0, "epsilon": 5.0})),
    ("knn-15", "k_neighbours", c.neighbours(15, distance=MINKOWSKI, weights="distance")),
]


def _declare(dataset: str, task: Task, lines: Iterable[Line]) -> list[DeclaredRun]:
    return [
        DeclaredRun(name=name, family=family, dataset=dataset, task=task, config=config)
        for name, family, config in lines
    ]


def declared_runs(scale: int = 1) -> list[DeclaredRun]:
    """All runs, ``scale`` times: each repetition has its own seed for the split and the model."""
    once = [
        *_declare("digits", "classification", DIGITS),
        *_declare("breast-cancer", "classification", BREAST_CANCER),
        *_declare("wine", "classification", WINE),
        *_declare("diabetes", "regression", DIABETES),
    ]
    again = [
        replace(run, name=f"{run.name}-seed-{repetition}", seed=run.seed + repetition)
        for repetition in range(1, scale)
        for run in once
    ]
    return once + again
