"""Real trained models, registered and deployed, for the tests of what serves them."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from features.seeding.model_files import to_bytes
from registry.models import ModelVersion, TrainingRun
from registry.services.artifacts import log_artifact
from registry.services.deployments import deploy
from registry.services.model_versions import create_model_version, set_version_tag
from registry.services.registered_models import register_model
from tests.factories import RunFactory


@functools.cache
def churn(width: int = 2, *, seed: int = 0, fills: bool = True) -> Any:
    """A pipeline fitted on ``width`` numbers, of which the first decides."""
    rows = np.random.default_rng(seed).normal(size=(60, width))
    steps = [SimpleImputer(strategy="median")] if fills else []
    model = make_pipeline(*steps, StandardScaler(), LogisticRegression())
    return model.fit(rows, (rows[:, 0] > 0).astype(int))


@functools.cache
def churn_bytes(width: int = 2, seed: int = 0, fills: bool = True) -> bytes:  # noqa: FBT001, FBT002 (cached)
    return to_bytes(churn(width, seed=seed, fills=fills))


@functools.cache
def named_churn_bytes() -> bytes:
    """The same with the classes that the demo's churn model has."""
    rows = np.random.default_rng(0).normal(size=(60, 2))
    model = make_pipeline(SimpleImputer(strategy="median"), LogisticRegression())
    return to_bytes(model.fit(rows, np.where(rows[:, 0] > 0, "churned", "active")))


def register(
    content: bytes,
    *,
    name: str = "churn",
    path: str = "model/model.skops",
    run: TrainingRun | None = None,
    features: Sequence[str] = (),
    environment: str = "production",
) -> ModelVersion:
    """The next version of a model, deployed where an environment is named."""
    owner = run or RunFactory.create()
    log_artifact(run_id=owner.run_id, path=path, content=content)
    if not ModelVersion.objects.filter(model__name=name).exists():
        register_model(name=name)
    version = create_model_version(model=name, run_id=owner.run_id, artifact_path=path)
    if features:
        set_version_tag(model=name, version=version.number, key="features", value=",".join(features))
    if environment:
        deploy(model=name, version=version.number, environment=environment, endpoint=f"/predict/{name}")
    return version
