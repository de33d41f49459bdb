"""Registered models to look at, and the people who look."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.test import Client

from registry.models import ModelVersion, RegisteredModel
from registry.services.artifacts import log_artifact
from registry.services.permissions import grant_permission
from tests.factories import (
    MetricFactory,
    ModelVersionFactory,
    RegisteredModelFactory,
    RunFactory,
    UserFactory,
)

ODD = 'déjà vu\'s "model" v1.0 50%?#'


@dataclass
class Answer:
    """What came back, and where it leads."""

    status: int
    text: str
    leads_to: str


def version_with_files(model: RegisteredModel, number: int, *, accuracy: float = 0.9) -> ModelVersion:
    """A version whose run has a file and a value of accuracy and of loss."""
    run = RunFactory.create(name=f"run {number} of {model.name}")
    log_artifact(run_id=run.run_id, path="model.bin", content=b"model")
    MetricFactory.create(run=run, key="accuracy", latest_value=accuracy)
    MetricFactory.create(run=run, key="loss", latest_value=1 - accuracy)
    version: ModelVersion = ModelVersionFactory.create(
        model=model, number=number, run=run, artifact_path="model.bin"
    )
    return version


def model_with_versions(name: str = "churn", count: int = 2) -> RegisteredModel:
    """A model; the later the version the more accurate."""
    model: RegisteredModel = RegisteredModelFactory.create(name=name)
    for number in range(1, count + 1):
        version_with_files(model, number, accuracy=round(0.8 + number / 100, 2))
    return model


def visitor(level: str, *models: RegisteredModel) -> Client:
    """A browser of someone who has this level in all experiments of these models."""
    user: User = UserFactory.create()
    for model in models:
        for version in model.versions.filter(run__isnull=False).select_related("run__experiment"):
            grant_permission(experiment=version.run.experiment, user=user, level=level, by=None)
    client = Client()
    client.force_login(user)
    return client


def sent(client: Client, path: str, **fields: object) -> Answer:
    """The answer to a form."""
    response = client.post(path, fields)
    return Answer(response.status_code, response.content.decode(), response.headers.get("Location", ""))
