from typing import Any

from registry.models import Experiment, TrainingRun
from registry.sync.bodies import read_bodies
from tests.factories import ExperimentFactory

from .conftest import Mlflow


def body_of(experiment: Experiment) -> dict[str, Any]:
    [[body]] = read_bodies([("experiments", experiment.experiment_id)])
    return body.content


def test_an_experiment_is_created_and_read(mlflow: Mlflow) -> None:
    created = mlflow.post("experiments/create", name="fraud", tags=[{"key": "team", "value": "risk"}])
    row = Experiment.objects.get(name="fraud")
    assert created == {"experiment_id": row.experiment_id}
    shown = mlflow.get("experiments/get", experiment_id=row.experiment_id)
    assert shown == mlflow.get("experiments/get-by-name", experiment_name="fraud")
    assert shown["experiment"] == {
        "experiment_id": row.experiment_id,
        "name": "fraud",
        "artifact_location": f"mlflow-artifacts:/{row.experiment_id}",
        "lifecycle_stage": "active",
        "creation_time": round(row.created_at.timestamp() * 1_000),
        "last_update_time": round(row.updated_at.timestamp() * 1_000),
        "tags": [{"key": "team", "value": "risk"}],
    }


def test_a_taken_name_is_told_in_mlflows_words(mlflow: Mlflow, experiment: Experiment) -> None:
    status, code, _ = mlflow.refused("POST", "experiments/create", {"name": experiment.name})
    assert (status, code) == (400, "RESOURCE_ALREADY_EXISTS")
    other = ExperimentFactory.create(created_by=mlflow.user)
    fields = {"experiment_id": other.experiment_id, "new_name": experiment.name}
    assert mlflow.refused("POST", "experiments/update", fields)[:2] == (400, "RESOURCE_ALREADY_EXISTS")


def test_the_default_experiment_is_there_from_the_start(mlflow: Mlflow) -> None:
    shown = mlflow.get("experiments/get", experiment_id="0")["experiment"]
    assert (shown["experiment_id"], shown["name"]) == ("0", "Default")
    assert shown["artifact_location"] == "mlflow-artifacts:/0"
    assert mlflow.get("experiments/get-by-name", experiment_name="Default")["experiment"] == shown


def test_where_default_is_taken_the_default_experiment_has_another_name(mlflow: Mlflow) -> None:
    ExperimentFactory.create(name="Default")
    assert mlflow.get("experiments/get", experiment_id="0")["experiment"]["name"] == "Default (MLflow)"


def test_an_experiment_is_renamed_tagged_deleted_and_restored(mlflow: Mlflow, experiment: Experiment) -> None:
    named = {"experiment_id": experiment.experiment_id}
    mlflow.post("experiments/update", new_name="other", **named)
    mlflow.post("experiments/set-experiment-tag", key="a", value="1", **named)
    mlflow.post("experiments/set-experiment-tag", key="b", value="2", **named)
    mlflow.post("experiments/delete-experiment-tag", key="a", **named)
    mlflow.post("experiments/delete", **named)
    shown = mlflow.get("experiments/get", **named)["experiment"]
    assert (shown["name"], shown["tags"]) == ("other", [{"key": "b", "value": "2"}])
    assert shown["lifecycle_stage"] == "deleted"
    assert body_of(experiment) == {"name": "other", "tags": [{"k": "b", "v": "2"}], "deleted": True}
    assert mlflow.refused("POST", "experiments/delete", named)[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    mlflow.post("experiments/restore", **named)
    assert mlflow.refused("POST", "experiments/restore", named)[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_what_is_not_there_and_what_is_not_said(mlflow: Mlflow) -> None:
    asked = {"experiment_id": "77"}
    assert mlflow.refused("GET", "experiments/get", asked)[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    status, code, message = mlflow.refused("GET", "experiments/get")
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message.startswith("Missing value for required parameter 'experiment_id'. See the API docs")


def test_no_client_chooses_where_the_server_writes(mlflow: Mlflow) -> None:
    for location in ("file:///etc", "s3://bucket", "http://169.254.169.254/", "/srv/x", "ftp://h/x?y#z"):
        fields = {"name": "x", "artifact_location": location}
        assert mlflow.refused("POST", "experiments/create", fields)[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert Experiment.objects.count() == 0


def test_the_runs_of_a_deleted_experiment_count_as_deleted(mlflow: Mlflow, run: TrainingRun) -> None:
    named = {"experiment_id": run.experiment.experiment_id}
    mlflow.post("experiments/delete", **named)
    assert mlflow.get("runs/get", run_id=run.run_id)["run"]["info"]["lifecycle_stage"] == "deleted"
    metric = {"run_id": run.run_id, "key": "a", "value": 1, "timestamp": 1}
    for path, fields in (("log-metric", metric), ("set-tag", metric | {"value": "v"}), ("update", metric)):
        assert mlflow.refused("POST", f"runs/{path}", fields)[:2] == (400, "INVALID_PARAMETER_VALUE")
    mlflow.post("experiments/restore", **named)
    mlflow.post("runs/log-metric", **metric)
    assert mlflow.get("runs/get", run_id=run.run_id)["run"]["info"]["lifecycle_stage"] == "active"
