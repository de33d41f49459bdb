"""What MLflow's routes answer to every role, and how each is asked (answers.py has the roles)."""

from typing import Any

from registry.mlflow_api.part_credentials import Ticket

from .models import MODELS, model_fields_of
from .world import World

# anonymous, expired, revoked, cookie, reading, viewer, editor, manager, stranger, staff, administrator
MLFLOW = {
    "POST mlflow:experiment-create": "401 401 401 401 403 200 200 200 200 200 200",
    "GET mlflow:experiment-get": "401 401 401 401 200 200 200 200 404 200 200",
    "GET mlflow:experiment-get-by-name": "401 401 401 401 200 200 200 200 404 200 200",
    "POST mlflow:experiment-update": "401 401 401 401 403 403 403 200 404 403 200",
    "POST mlflow:experiment-delete": "401 401 401 401 403 403 403 200 404 403 200",
    # it is not in the bin
    "POST mlflow:experiment-restore": "401 401 401 401 403 403 403 404 404 403 404",
    "POST mlflow:experiment-set-tag": "401 401 401 401 403 403 200 200 404 403 200",
    "POST mlflow:experiment-delete-tag": "401 401 401 401 403 403 404 404 404 403 404",
    "POST mlflow:run-create": "401 401 401 401 403 403 200 200 404 403 200",
    "POST mlflow:run-update": "401 401 401 401 403 403 200 200 404 403 200",
    "POST mlflow:run-delete": "401 401 401 401 403 403 200 200 404 403 200",
    "POST mlflow:run-restore": "401 401 401 401 403 403 200 200 404 403 200",
    "POST mlflow:run-log-metric": "401 401 401 401 403 403 200 200 404 403 200",
    "POST mlflow:run-log-batch": "401 401 401 401 403 403 200 200 404 403 200",
    "POST mlflow:run-log-parameter": "401 401 401 401 403 403 200 200 404 403 200",
    "POST mlflow:run-set-tag": "401 401 401 401 403 403 200 200 404 403 200",
    "POST mlflow:run-log-inputs": "401 401 401 401 403 403 200 200 404 403 200",
    # there is no such tag
    "POST mlflow:run-delete-tag": "401 401 401 401 403 403 404 404 404 403 404",
    "GET mlflow:artifacts": "401 401 401 401 200 200 200 200 404 200 200",
    "GET mlflow:artifact": "401 401 401 401 200 200 200 200 404 200 200",
    "PUT mlflow:artifact": "401 401 401 401 403 403 200 200 404 403 200",
    "DELETE mlflow:artifact": "401 401 401 401 403 403 200 200 404 403 200",
    "POST mlflow:multipart-create": "401 401 401 401 403 403 200 200 404 403 200",
    "PUT mlflow:multipart-part": "401 401 401 401 403 403 200 200 404 403 200",
    "POST mlflow:multipart-complete": "401 401 401 401 403 403 200 200 404 403 200",
    "POST mlflow:multipart-abort": "401 401 401 401 403 403 200 200 404 403 200",
    "GET mlflow:run-artifacts": "401 401 401 401 200 200 200 200 404 200 200",
    "GET mlflow:logged-model-artifacts": "401 401 401 401 200 200 200 200 404 200 200",
    **MODELS,
    "GET mlflow:server-info": "401 401 401 401 200 200 200 200 200 200 200",
    "GET mlflow:run-get": "401 401 401 401 200 200 200 200 404 200 200",
    # a search finds nothing where the asker may not look
    "POST mlflow:run-search": "401 401 401 401 200 200 200 200 200 200 200",
    "GET mlflow:experiment-search": "401 401 401 401 200 200 200 200 200 200 200",
    "POST mlflow:experiment-search": "401 401 401 401 200 200 200 200 200 200 200",
    "GET mlflow:metric-history": "401 401 401 401 200 200 200 200 404 200 200",
    "GET mlflow:metric-histories": "401 401 401 401 200 200 200 200 200 200 200",
    "GET mlflow:metric-histories-sampled": "401 401 401 401 200 200 200 200 404 200 200",
    "GET mlflow:registered-model-search": "401 401 401 401 200 200 200 200 200 200 200",
    "GET mlflow:model-version-search": "401 401 401 401 200 200 200 200 200 200 200",
    "POST mlflow:logged-model-search": "401 401 401 401 200 200 200 200 200 200 200",
    "GET mlflow:nowhere": "401 401 401 401 404 404 404 404 404 404 404",
    "POST mlflow:nowhere": "401 401 401 401 404 404 404 404 404 404 404",
    "PUT mlflow:nowhere": "401 401 401 401 404 404 404 404 404 404 404",
    "PATCH mlflow:nowhere": "401 401 401 401 404 404 404 404 404 404 404",
    "DELETE mlflow:nowhere": "401 401 401 401 404 404 404 404 404 404 404",
}


def fields_of(key: str, world: World) -> dict[str, Any]:
    """The fields of a request, in the body, or in the query string of a GET."""
    experiment, run = {"experiment_id": world.run.experiment.experiment_id}, {"run_id": world.run.run_id}
    pair = {"key": "k", "value": "v"}
    metric = {"key": "loss", "value": 0.5, "timestamp": 1, "step": 1}
    upload = {"path": "big.bin", "upload_id": upload_id(world, num_parts=0), "parts": []}
    fields: dict[str, dict[str, Any]] = {
        "POST mlflow:experiment-create": {"name": "new"},
        "GET mlflow:experiment-get-by-name": {"experiment_name": world.run.experiment.name},
        "POST mlflow:run-search": {"experiment_ids": [world.run.experiment.experiment_id]},
        "GET mlflow:registered-model-search": {"max_results": 5},
        "GET mlflow:model-version-search": {"max_results": 5},
        "POST mlflow:logged-model-search": {"experiment_ids": [world.run.experiment.experiment_id]},
        "GET mlflow:experiment-search": {"max_results": 5},
        "POST mlflow:experiment-search": {"max_results": 5},
        "GET mlflow:metric-history": run | {"metric_key": "loss"},
        "GET mlflow:metric-histories": run | {"metric_key": "loss"},
        "GET mlflow:metric-histories-sampled": {"run_ids": [world.run.run_id], "metric_key": "loss"},
        "POST mlflow:experiment-update": experiment | {"new_name": "other"},
        "POST mlflow:experiment-set-tag": experiment | pair,
        "POST mlflow:experiment-delete-tag": experiment | {"key": "k"},
        "POST mlflow:run-create": experiment,
        "POST mlflow:run-update": run | {"status": "FAILED"},
        "POST mlflow:run-log-metric": run | metric,
        "POST mlflow:run-log-batch": run | {"metrics": [metric], "params": [pair], "tags": [pair]},
        "POST mlflow:run-log-parameter": run | pair,
        "POST mlflow:run-set-tag": run | pair,
        "POST mlflow:run-log-inputs": run | {"datasets": [{"dataset": {"name": "d", "digest": "1"}}]},
        **{f"POST mlflow:multipart-{verb}": upload for verb in ("create", "complete", "abort")},
        "POST mlflow:run-delete-tag": run | {"key": "k"},
        "GET mlflow:artifacts": {
            "path": f"{world.run.experiment.experiment_id}/{world.run.run_id}/artifacts"
        },
    }
    if key in MODELS:
        return model_fields_of(key, world)
    about_runs = key.partition(":")[2].startswith("run-")
    return fields.get(key, run if about_runs else experiment)


def artifact_path(name: str, world: World) -> str:
    """A file of the world's run; for uploads in parts, a folder."""
    place = f"{world.run.experiment.experiment_id}/{world.run.run_id}/artifacts"
    return f"{place}/deep" if name.startswith("mlflow:multipart") else f"{place}/model/file.txt"


def upload_id(world: World, *, num_parts: int = 1) -> str:
    """An upload that has begun."""
    return Ticket.new(f"{artifact_path('mlflow:multipart', world)}/big.bin", num_parts).text()
