"""What the pages show in browser tests: runs with curves, a family of data sets, a model that is live."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from registry.models import TrainingRun
from registry.services.artifacts import log_artifact
from registry.services.datasets import create_dataset
from registry.services.deployments import deploy
from registry.services.model_aliases import set_alias
from registry.services.model_versions import create_model_version
from registry.services.registered_models import register_model
from registry.services.run_log import add_note, log_epoch
from registry.services.runs import end_run, start_run
from tests.analysis.queries.moves_world import fill_moves
from tests.e2e.people import fill_people
from tests.factories import ExperimentFactory, RunFactory, feature_view

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
MATRIX = b'{"labels": ["cat", "dog"], "counts": [[30, 2], [11, 22]]}'
RATES = (0.3, 0.1, 0.03)
EPOCHS = 12
DATASET = "photos-of-cats-and-dogs"


@dataclass(frozen=True)
class Showcase:
    """A run that failed with all there can be on its page, and the places of the others."""

    run: TrainingRun
    places: dict[str, str]


def build_showcase(owner: User) -> Showcase:
    """Through the services, so that every store has its part."""
    experiment = ExperimentFactory.create(name="pets")
    create_dataset(name="photos", digest="0" * 64, row_count=4_000, user=owner)
    create_dataset(name=DATASET, digest="1" * 64, row_count=2_000, parents=["photos"], user=owner)
    runs = [_trained(rate, owner) for rate in RATES]
    failed = _failed(owner)
    RunFactory.create_batch(10, experiment=experiment, dataset=failed.dataset)
    _registered([run.run_id for run in runs], owner)
    people = fill_people(PIXEL)
    feature_view()
    return Showcase(
        failed,
        {
            "run_id": failed.run_id,
            "runs": "&".join(f"run={run.run_id}" for run in (*runs, failed)),
            "experiment_id": experiment.experiment_id,
            "dataset": DATASET,
            "customer_id": people.customer_id,
            "waiting_id": people.waiting_id,
            "viewer_id": people.viewer_id,
            "import_id": str(fill_moves(owner).pk),
        },
    )


def _trained(rate: float, owner: User) -> TrainingRun:
    run = start_run(
        experiment="pets",
        name=f"mlp-{rate}",
        model_name="mlp",
        framework="scikit-learn",
        dataset=DATASET,
        config={"optimizer": {"lr": rate}, "layers": [{"units": 64}, {"units": 10}]},
        user=owner,
    )
    for epoch in range(EPOCHS):
        loss = 2 / (1 + rate * epoch)
        scores = {"train_loss": loss, "val_loss": loss * 1.1, "accuracy": 1 - loss / 2.5}
        log_epoch(run_id=run.run_id, epoch=epoch, metrics=scores)
    log_artifact(run_id=run.run_id, path="model/model.skops", content=b"\x00")
    return end_run(run_id=run.run_id)


def _failed(owner: User) -> TrainingRun:
    """A run with curves, a gap, nested params, notes and every kind of artifact."""
    run = start_run(
        experiment="pets",
        name="a-run-with-a-name-that-is-rather-long-for-a-telephone",
        model_name="mlp",
        framework="scikit-learn",
        dataset=DATASET,
        config={"optimizer": {"lr": 0.1}, "layers": [{"units": 64}, {"units": 10}]},
        tags={"team": "vision"},
        user=owner,
    )
    for epoch in range(EPOCHS):
        loss = float("nan") if epoch == 5 else 2 / (epoch + 1)
        scores = {"train_loss": loss, "val_loss": 2.5 / (epoch + 1), "accuracy": epoch / 12}
        log_epoch(run_id=run.run_id, epoch=epoch, metrics=scores)
    add_note(run_id=run.run_id, text="Converges.", user=owner)
    for path, content in (
        ("plots/curve.png", PIXEL),
        ("evaluation/confusion_matrix.json", MATRIX),
        ("scores.json", b'{"f1": 0.9}'),
        ("model/model.skops", b"\x00"),
    ):
        log_artifact(run_id=run.run_id, path=path, content=content)
    return end_run(run_id=run.run_id, status="FAILED", failure_reason="MemoryError: too many cats")


def _registered(run_ids: list[str], owner: User) -> None:
    register_model(name="pets", description="Cats or dogs.", tags={"team": "vision"}, user=owner)
    for run_id in run_ids:
        create_model_version(model="pets", run_id=run_id, artifact_path="model", user=owner)
    set_alias(model="pets", alias="champion", version=2)
    deploy(model="pets", version=1, environment="production", user=owner)
    deploy(model="pets", version=2, environment="production", endpoint="/predict/pets", user=owner)
