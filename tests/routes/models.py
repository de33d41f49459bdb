"""What MLflow's routes of logged and registered models answer to every role, and how each is asked."""

from typing import Any

from .world import World

READ = "401 401 401 401 200 200 200 200 404 200 200"
EVERYONE_READS = "401 401 401 401 200 200 200 200 200 200 200"
EDIT = "401 401 401 401 403 403 200 200 404 403 200"
# the model's name is known to all; what may be done with it is told by its versions
EDIT_NAME = "401 401 401 401 403 403 200 200 403 403 200"
# what is deployed keeps its name, and stays
DEPLOYED_NAME = "401 401 401 401 403 403 400 400 403 403 400"
# anonymous, expired, revoked, cookie, reading, viewer, editor, manager, stranger, staff, administrator
MODELS = {
    "POST mlflow:logged-models": EDIT,
    "GET mlflow:logged-model": READ,
    "PATCH mlflow:logged-model": EDIT,
    "DELETE mlflow:logged-model": EDIT,
    "POST mlflow:logged-model-params": EDIT,
    "PATCH mlflow:logged-model-tags": EDIT,
    # there is no such tag
    "DELETE mlflow:logged-model-tag": "401 401 401 401 403 403 404 404 404 403 404",
    "POST mlflow:run-outputs": EDIT,
    "POST mlflow:run-log-model": EDIT,
    "POST mlflow:registered-model-create": "401 401 401 401 403 200 200 200 200 200 200",
    "GET mlflow:registered-model-get": EVERYONE_READS,
    "POST mlflow:registered-model-rename": DEPLOYED_NAME,
    "PATCH mlflow:registered-model-update": EDIT_NAME,
    "DELETE mlflow:registered-model-delete": DEPLOYED_NAME,
    "GET mlflow:registered-model-get-latest-versions": EVERYONE_READS,
    "POST mlflow:registered-model-get-latest-versions": EVERYONE_READS,
    "POST mlflow:registered-model-set-tag": EDIT_NAME,
    "DELETE mlflow:registered-model-delete-tag": EDIT_NAME,
    # as of an alias that is not there
    "GET mlflow:registered-model-alias": "401 401 401 401 200 200 200 200 400 200 200",
    "POST mlflow:registered-model-alias": EDIT,
    "DELETE mlflow:registered-model-alias": EDIT_NAME,
    "POST mlflow:model-version-create": EDIT,
    "GET mlflow:model-version-get": READ,
    "GET mlflow:model-version-get-download-uri": READ,
    "PATCH mlflow:model-version-update": EDIT,
    "POST mlflow:model-version-transition-stage": EDIT,
    "DELETE mlflow:model-version-delete": "401 401 401 401 403 403 400 400 404 403 400",
    "POST mlflow:model-version-set-tag": EDIT,
    "DELETE mlflow:model-version-delete-tag": EDIT,
}


def model_fields_of(key: str, world: World) -> dict[str, Any]:
    """The fields of a request."""
    pair = {"key": "k", "value": "v"}
    made = {"artifact_path": "model", "flavors": {"sklearn": {}}, "utc_time_created": "now", "run_id": "any"}
    given = {"run_id": world.run.run_id, "models": [{"model_id": f"m-{world.logged_model.model_id}"}]}
    fields: dict[str, dict[str, Any]] = {
        "POST mlflow:logged-models": {"experiment_id": world.run.experiment.experiment_id, "name": "new"},
        "GET mlflow:logged-model": {},
        "PATCH mlflow:logged-model": {"status": "LOGGED_MODEL_READY"},
        "DELETE mlflow:logged-model": {},
        "POST mlflow:logged-model-params": {"params": [pair]},
        "PATCH mlflow:logged-model-tags": {"tags": [pair]},
        "DELETE mlflow:logged-model-tag": {},
        "POST mlflow:run-outputs": given,
        "POST mlflow:run-log-model": given | {"model_json": str(made).replace("'", '"')},
        "POST mlflow:registered-model-create": {"name": "new"},
        "POST mlflow:model-version-create": {
            "name": "m", "run_id": world.source.run_id, "source": f"runs:/{world.source.run_id}/model",
        },
    }  # fmt: skip
    named = {"name": "m", "new_name": "other", "version": "1", "alias": "champion", "stage": "Staging"}
    return fields.get(key, named | pair)
