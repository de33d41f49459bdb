"""The steps before the estimator, built from the config that declares them."""

from collections.abc import Sequence
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MinMaxScaler,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)

from features.seeding.results import Config

STEPS: dict[str, Any] = {
    "standard_scaler": StandardScaler,
    "min_max_scaler": MinMaxScaler,
    "power_transformer": PowerTransformer,
    "quantile_transformer": QuantileTransformer,
    "polynomial_features": PolynomialFeatures,
    "pca": PCA,
}


def prepare(steps: Sequence[Config]) -> Pipeline:
    """A pipeline of ``{"step": name, …arguments}``; an empty list passes the rows on as they are."""
    named = []
    for number, step in enumerate(steps, start=1):
        arguments = {key: value for key, value in step.items() if key != "step"}
        named.append((f"{number}_{step['step']}", STEPS[step["step"]](**arguments)))
    return Pipeline(named or [("unchanged", "passthrough")])


def engineer(blocks: Config, feature_names: Sequence[str]) -> ColumnTransformer:
    """Products of named columns and binned columns; the other columns pass unchanged."""
    transformers = []
    if interactions := blocks.get("interactions"):
        products = PolynomialFeatures(
            degree=interactions["degree"], interaction_only=True, include_bias=False
        )
        transformers.append(("interactions", products, _positions(interactions["columns"], feature_names)))
    if bins := blocks.get("bins"):
        binned = KBinsDiscretizer(
            n_bins=bins["count"],
            encode="ordinal",
            strategy=bins["strategy"],
            quantile_method="averaged_inverted_cdf",
        )
        transformers.append(("bins", binned, _positions(bins["columns"], feature_names)))
    return ColumnTransformer(transformers, remainder="passthrough")


def _positions(columns: Sequence[str], feature_names: Sequence[str]) -> list[int]:
    return [feature_names.index(column) for column in columns]
