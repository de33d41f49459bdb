"""The operations of several steps, for the zygote, and what is left of them."""

import hashlib
from typing import Any

from features.online import deployments
from registry.artifacts import storage
from registry.enums import DeploymentStatus, SagaState
from registry.models import Artifact, Dataset, Deployment, Experiment, Saga, TrainingRun
from registry.services.deployments import deploy
from registry.services.model_versions import create_model_version
from registry.services.purges import purge_dataset, purge_experiment, purge_run
from registry.services.registered_models import register_model
from registry.services.registration import register_training_run
from registry.sync.saga_engine import resume_due

ACCURACY = 0.75
ENDED = (SagaState.DONE, SagaState.COMPENSATED)


def register_whole(*, experiment: str, name: str, key: str) -> str:
    run = register_training_run(
        experiment=experiment, dataset=experiment, name=name, metrics={"accuracy": ACCURACY},
        artifacts={"model.bin": _content(experiment)}, idempotency_key=key,
    )  # fmt: skip
    return str(run.run_id)


def two_versions(*, model: str, run_id: str) -> None:
    """Two versions of one run's file; the first is live."""
    register_model(name=model)
    for _ in range(2):
        create_model_version(model=model, run_id=run_id, artifact_path="model.bin")
    deploy(model=model, version=1, environment="production")


def promote(*, model: str) -> None:
    deploy(model=model, version=2, environment="production")


def purge_the_run(*, run_id: str) -> None:
    purge_run(run_id=run_id)


def purge_the_experiment(*, name: str) -> None:
    purge_experiment(experiment_id=Experiment.objects.get(name=name).experiment_id)


def purge_the_dataset(*, name: str) -> None:
    purge_dataset(name=name, with_runs=True)


def resume() -> None:
    while resume_due():
        pass


def lose_staged_files() -> None:
    """As if the disk had lost them."""
    storage.sweep_temporary(older_than_seconds=-60)


def look(*, experiment: str) -> dict[str, Any]:
    """What is there, by the names of an experiment, its dataset and its model."""
    runs = TrainingRun.objects.filter(experiment__name=experiment)
    places = Deployment.objects.filter(model__name=experiment, status=DeploymentStatus.LIVE)
    told = deployments.live(experiment, "production")
    digest = hashlib.sha256(_content(experiment)).hexdigest()
    return {
        "open_sagas": Saga.objects.exclude(state__in=ENDED).count(),
        "experiments": Experiment.objects.filter(name=experiment).count(),
        "datasets": Dataset.objects.filter(name=experiment).count(),
        "runs": runs.count(),
        "whole_files": sum(storage.verify(each.sha256) for each in Artifact.objects.filter(run__in=runs)),
        "unused_files": storage.verify(digest) and not Artifact.objects.filter(sha256=digest).exists(),
        "live": [place.version.number for place in places],
        "told_live": told.version if told else None,
    }


def _content(experiment: str) -> bytes:
    return f"the model of {experiment}".encode()


SAGA_OPERATIONS: dict[str, Any] = {
    each.__name__: each
    for each in (
        *(register_whole, two_versions, promote, purge_the_run, purge_the_experiment, purge_the_dataset),
        *(resume, lose_staged_files, look),
    )
}
