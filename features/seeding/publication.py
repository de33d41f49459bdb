"""What follows a sweep: configs kept, the best models registered, aliased and deployed."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User

from features.seeding.results import Task
from features.seeding.sweep import DeclaredRun
from registry.enums import Environment, ModelStage
from registry.models import ModelVersion, RegisteredModel
from registry.queries.runs import RunSummary, best_runs, run_summaries
from registry.services.deployments import deploy
from registry.services.model_aliases import set_alias
from registry.services.model_configs import ConfigInput, upsert_model_configs
from registry.services.model_versions import create_model_version, set_version_tag, transition_stage
from registry.services.registered_models import register_model

MODEL_PATH = "model/model.skops"
SCORE: dict[Task, str] = {"classification": "accuracy", "regression": "r2"}
Place = tuple[str, ModelStage, Environment]
CHALLENGER: Place = ("challenger", ModelStage.STAGING, Environment.STAGING)
CHAMPION: Place = ("champion", ModelStage.PRODUCTION, Environment.PRODUCTION)
PLACES = (CHALLENGER, CHAMPION)


def publish(runs: Sequence[DeclaredRun], *, user: User | None) -> None:
    """Keep every run's config in MongoDB and register the two best models of each data set.

    Safe to repeat: what is there already is left as it is.
    """
    _keep_configs(runs)
    for dataset, task in dict.fromkeys((run.dataset, run.task) for run in runs):
        best = best_runs(metric=SCORE[task], dataset=dataset, limit=2)
        _register(f"{dataset}-{task}", best[::-1], SCORE[task], user)


def _keep_configs(runs: Sequence[DeclaredRun]) -> None:
    scores = {run.run_id: run.metrics for run in run_summaries([run.run_id for run in runs])}
    configs: list[ConfigInput] = [
        {
            "config_id": run.run_id,
            "run_id": run.run_id,
            "name": run.name,
            "framework": "scikit-learn",
            "model_type": run.family,
            "config": run.config,
            "metrics": scores[run.run_id],
            "tags": [run.dataset, run.task],
        }
        for run in runs
    ]
    upsert_model_configs(configs=configs)


def _register(name: str, runs: Sequence[RunSummary], score: str, user: User | None) -> None:
    """The last of the runs is the best."""
    name_model(name, description=f"Chosen by {score} on rows never seen.", user=user)
    for run, place in zip(runs, PLACES, strict=False):
        publish_version(name, run_id=run.run_id, place=place, description=run.name, user=user)


def name_model(name: str, *, description: str, user: User | None) -> None:
    """Register a model's name; what is there already is left."""
    if not RegisteredModel.objects.filter(name=name).exists():
        register_model(name=name, description=description, user=user)


def publish_version(
    name: str,
    *,
    run_id: str,
    place: Place,
    description: str,
    tags: Mapping[str, str] | None = None,
    artifact_path: str = MODEL_PATH,
    endpoint: str = "",
    user: User | None,
) -> None:
    """Register a run's model under a name, and put it in its place; what is there already is left.

    Args:
        endpoint: where it answers; by default where all models that scikit-learn made do.
    """
    version = register_version(
        name, run_id=run_id, place=place, path=artifact_path, description=description, tags=tags, user=user
    )
    deploy(
        model=name,
        version=version.number,
        environment=place[2],
        endpoint=endpoint or f"/predict/{name}",
        user=user,
    )


def register_version(
    name: str,
    *,
    run_id: str,
    place: Place,
    path: str,
    description: str,
    tags: Mapping[str, str] | None = None,
    user: User | None,
) -> ModelVersion:
    """Register a run's file under a name with alias and stage, deployed nowhere; what is there is left."""
    version = ModelVersion.objects.filter(model__name=name, run__run_id=run_id).first()
    if version is not None:
        return version
    alias, stage, _ = place
    version = create_model_version(
        model=name, run_id=run_id, artifact_path=path, description=description, user=user
    )
    for key, value in (tags or {}).items():
        set_version_tag(model=name, version=version.number, key=key, value=value)
    transition_stage(model=name, version=version.number, stage=stage)
    set_alias(model=name, alias=alias, version=version.number)
    return version
