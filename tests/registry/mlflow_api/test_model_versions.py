from collections.abc import Callable
from typing import Any

import pytest

from registry.models import (
    Experiment,
    LoggedModel,
    LoggedModelTag,
    ModelVersion,
    RegisteredModel,
    TrainingRun,
)
from registry.services.permissions import grant_permission
from tests.factories import (
    ArtifactFactory,
    LoggedModelFactory,
    ModelVersionFactory,
    RegisteredModelFactory,
    RunFactory,
)

from .conftest import Mlflow
from .test_registered_models import version_json

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(mlflow: Mlflow) -> RegisteredModel:
    return RegisteredModelFactory.create(name="churn", created_by=mlflow.user)


@pytest.fixture
def logged(run: TrainingRun) -> LoggedModel:
    model = LoggedModelFactory.create(source_run=run, name="forest")
    ArtifactFactory.create(run=None, logged_model=model, path="MLmodel")
    return model


def create(mlflow: Mlflow, **fields: Any) -> ModelVersion:
    answer = mlflow.post("model-versions/create", name="churn", **fields)["model_version"]
    version = ModelVersion.objects.get(model__name="churn", number=int(answer["version"]))
    assert (
        answer == mlflow.get("model-versions/get", name="churn", version=answer["version"])["model_version"]
    )
    return version


def download_uri(mlflow: Mlflow, version: ModelVersion) -> str:
    asked = {"name": version.model.name, "version": version.number}
    return str(mlflow.get("model-versions/get-download-uri", **asked)["artifact_uri"])


def test_a_version_is_made_of_a_logged_model(
    mlflow: Mlflow, model: RegisteredModel, logged: LoggedModel, experiment: Experiment
) -> None:
    model_id = f"m-{logged.model_id}"
    tags = [{"key": "a", "value": "b"}]
    fields = {"source": f"models:/{model_id}", "model_id": model_id, "tags": tags, "description": "first"}
    answer = mlflow.post("model-versions/create", name="churn", run_link="https://ci/7", **fields)
    version = ModelVersion.objects.get()
    assert (version.run, version.logged_model, version.created_by) == (
        logged.source_run, logged, mlflow.user,
    )  # fmt: skip
    assert answer == {"model_version": version_json(version, tags=tags, run_link="https://ci/7")}
    root = f"mlflow-artifacts:/{experiment.experiment_id}/models/{model_id}/artifacts"
    assert download_uri(mlflow, version) == root
    assert create(mlflow, source=f"{root}/inner", model_id=model_id).artifact_path == "inner"
    noted = LoggedModelTag.objects.get(model=logged, key="mlflow.modelVersions").value
    assert noted == '[{"name": "churn", "version": 1}, {"name": "churn", "version": 2}]'


def test_a_version_is_made_of_files_of_a_run(
    mlflow: Mlflow, model: RegisteredModel, run: TrainingRun, experiment: Experiment
) -> None:
    ArtifactFactory.create(run=run, path="model/MLmodel")
    first = create(mlflow, source=f"runs:/{run.run_id}/model", run_id=run.run_id)
    assert (first.run, first.logged_model, first.artifact_path) == (run, None, "model")
    assert download_uri(mlflow, first) == f"runs:/{run.run_id}/model"
    root = f"mlflow-artifacts:/{experiment.experiment_id}/{run.run_id}/artifacts"
    second = create(mlflow, source=f"{root}/model", run_id=run.run_id)
    assert (second.artifact_path, download_uri(mlflow, second)) == ("model", f"{root}/model")


def test_a_run_s_source_finds_the_logged_model_of_that_name(
    mlflow: Mlflow, model: RegisteredModel, logged: LoggedModel, run: TrainingRun
) -> None:
    version = create(mlflow, source=f"runs:/{run.run_id}/forest", run_id=run.run_id)
    assert (version.run, version.logged_model, version.artifact_path) == (run, logged, "")


@pytest.mark.parametrize("which", ["/1", "@champion", "/latest", "/production"])
def test_a_version_is_copied(mlflow: Mlflow, model: RegisteredModel, logged: LoggedModel, which: str) -> None:
    model_id = f"m-{logged.model_id}"
    first = create(mlflow, source=f"models:/{model_id}", model_id=model_id)
    mlflow.post("registered-models/alias", name="churn", alias="champion", version="1")
    mlflow.post("model-versions/transition-stage", name="churn", version="1", stage="production")
    RegisteredModelFactory.create(name="other")
    copied = mlflow.post("model-versions/create", name="other", source=f"models:/churn{which}")
    copy = ModelVersion.objects.get(model__name="other")
    assert copied["model_version"]["source"] == "models:/churn/1"
    assert (copy.logged_model, copy.run) == (first.logged_model, first.run)
    assert download_uri(mlflow, copy) == download_uri(mlflow, first)


# abuse cases A5 and A6
ELSEWHERE = [
    "file:///etc", "file:/etc/passwd", "/etc/passwd", "etc", "http://169.254.169.254/latest", "https://x/y",
    "gopher://x", "ftp://x/y", "s3://bucket/x", "s3:/bucket/x", "gs://b/x", "dbfs:/x", "hdfs:/x",
    "abfss://c@a/x", "ssh://x", "models:", "models:/", "models://host/m/1", "models:/churn",
    "models:/m-{model}", "models:/churn/x", "runs:/", "runs://host/{run}/x", "runs:/{other}/x",
    "runs:/{run}/../x", "runs:/{run}/a/%2e%2e/b", "runs:/{run}/%2e%2e%2fx", "runs:/{run}/a#b",
    "runs:/{run}/a?b", "runs:/{run}/a\\b", "runs:/{run}//etc", "runs:/{run}/./x", "Runs:/{run}/x",
    "mlflow-artifacts:/", "mlflow-artifacts:/{experiment}/{run}", "mlflow-artifacts:/{experiment}/{other}/artifacts",
    "mlflow-artifacts://host/{experiment}/{run}/artifacts", "mlflow-artifacts:/1/{run}/artifacts",
    "mlflow-artifacts:/{experiment}/{run}/artifacts/../../x", "mlflow-artifacts:/{experiment}/{run}/artifacts#x",
    "mlflow-artifacts:/{experiment}/models/m-{model}/artifacts", "dummy-source",
]  # fmt: skip
TAGS = [
    {}, {"mlflow.prompt.is_prompt": "true"}, {"mlflow.prompt.is_prompt": "false"}, {"mlflow.source.type": "x"},
]  # fmt: skip


@pytest.mark.parametrize("tags", TAGS, ids=str)
def test_a_source_that_points_elsewhere_is_refused_whatever_its_tags(
    mlflow: Mlflow, model: RegisteredModel, run: TrainingRun, logged: LoggedModel, tags: dict[str, str]
) -> None:
    places = {
        "run": run.run_id,
        "other": RunFactory.create().run_id,
        "model": logged.model_id,
        "experiment": run.experiment.experiment_id,
    }
    pairs = [{"key": key, "value": value} for key, value in tags.items()]
    is_prompt = tags == TAGS[1]
    taken = []
    for source in ELSEWHERE:
        if is_prompt and source == "dummy-source":
            continue
        fields = {"name": "churn", "run_id": run.run_id, "tags": pairs, "source": source.format(**places)}
        status, code, message = mlflow.refused("POST", "model-versions/create", fields)
        if (status, code) != (400, "INVALID_PARAMETER_VALUE"):
            taken.append(f"{source}: {status} {message}")
    assert taken == []
    assert ModelVersion.objects.count() == 0


@pytest.mark.parametrize(
    ("source", "status", "told"),
    [
        ("models:/churn@gone", 400, "Registered model alias gone not found."),
        ("models:/churn/Staging", 404, "Model Version (name=churn, version=Staging) not found"),
        ("models:/none/latest", 404, "Registered Model with name=none not found"),
    ],
)
@pytest.mark.usefixtures("model")
def test_a_source_that_names_no_version_is_told(mlflow: Mlflow, source: str, status: int, told: str) -> None:
    answer = mlflow.refused("POST", "model-versions/create", {"name": "churn", "source": source})
    assert (answer[0], answer[2]) == (status, told)


def test_a_run_that_is_being_purged_gives_no_version(
    mlflow: Mlflow, model: RegisteredModel, logged: LoggedModel, run: TrainingRun
) -> None:
    TrainingRun.objects.update(lifecycle="purging", deleted_at=run.started_at)
    model_id = f"m-{logged.model_id}"
    fields = {"name": "churn", "source": f"models:/{model_id}", "model_id": model_id}
    told = (400, "INVALID_PARAMETER_VALUE", f"The run {run.run_id} is being purged.")
    assert mlflow.refused("POST", "model-versions/create", fields) == told


def test_a_tag_that_someone_else_wrote_is_replaced(
    mlflow: Mlflow, model: RegisteredModel, logged: LoggedModel
) -> None:
    for text in ("no json", "{}"):
        LoggedModelTag.objects.update_or_create(
            model=logged, key="mlflow.modelVersions", defaults={"value": text}
        )
        version = create(mlflow, source=f"models:/m-{logged.model_id}", model_id=f"m-{logged.model_id}")
        noted = LoggedModelTag.objects.get(model=logged, key="mlflow.modelVersions").value
        assert noted == f'[{{"name": "churn", "version": {version.number}}}]'


def test_a_source_must_be_in_the_model_that_the_request_names(
    mlflow: Mlflow, model: RegisteredModel, run: TrainingRun, logged: LoggedModel
) -> None:
    other = LoggedModelFactory.create(source_run=run)
    named = {"name": "churn", "model_id": f"m-{other.model_id}", "run_id": run.run_id}
    root = f"mlflow-artifacts:/{run.experiment.experiment_id}"
    for source in (
        f"models:/m-{logged.model_id}",
        f"{root}/models/m-{logged.model_id}/artifacts",
        f"{root}/{run.run_id}/artifacts/x",
        f"runs:/{run.run_id}/forest",
    ):
        told = mlflow.refused("POST", "model-versions/create", named | {"source": source})
        assert told[:2] == (400, "INVALID_PARAMETER_VALUE")
    wrong = {"name": "churn", "model_id": "m-1", "source": "models:/m-1"}
    assert mlflow.refused("POST", "model-versions/create", wrong)[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_a_prompt_has_a_placeholder_and_is_its_creator_s(
    mlflow: Mlflow, mlflow_of: Callable[..., Mlflow]
) -> None:
    tags = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
    mlflow.post("registered-models/create", name="greeting", tags=tags)
    mlflow.post("model-versions/create", name="greeting", source="dummy-source", tags=tags)
    tag = {"name": "greeting", "version": "1", "key": "k", "value": "v"}
    assert mlflow.post("model-versions/set-tag", **tag) == {}
    assert mlflow_of().refused("POST", "model-versions/set-tag", tag)[1] == "PERMISSION_DENIED"
    copied = {"name": "greeting", "source": "models:/greeting/1"}
    assert mlflow.refused("POST", "model-versions/create", copied)[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_files_of_an_experiment_that_is_not_mine_make_no_version(
    mlflow: Mlflow, model: RegisteredModel
) -> None:
    run = RunFactory.create()
    logged = LoggedModelFactory.create(source_run=run)
    theirs = ModelVersionFactory.create(model=model, number=1, run=run)
    asked: list[dict[str, str]] = [
        {"source": f"runs:/{run.run_id}/x", "run_id": run.run_id},
        {"source": f"models:/m-{logged.model_id}", "model_id": f"m-{logged.model_id}"},
        {"source": f"models:/churn/{theirs.number}"},
    ]
    for level, status in (("READ", 403), ("NO_PERMISSIONS", 404)):
        grant_permission(experiment=run.experiment, user=mlflow.user, level=level, by=None)
        for fields in asked:
            assert mlflow.refused("POST", "model-versions/create", fields | {"name": "churn"})[0] == status
    missing = (404, "RESOURCE_DOES_NOT_EXIST", "Model Version (name=churn, version=1) not found")
    for path in ("get", "get-download-uri"):
        asked_for = {"name": "churn", "version": "1"}
        assert mlflow.refused("GET", f"model-versions/{path}", asked_for) == missing


def test_numbers_of_deleted_versions_are_not_given_again(
    mlflow: Mlflow, model: RegisteredModel, run: TrainingRun
) -> None:
    for _ in range(2):
        create(mlflow, source=f"runs:/{run.run_id}/x", run_id=run.run_id)
    mlflow.post("registered-models/alias", name="churn", alias="champion", version="2")
    last = {"name": "churn", "version": "2"}
    assert mlflow.delete("model-versions/delete", **last) == {}
    gone = (404, "RESOURCE_DOES_NOT_EXIST", "Model Version (name=churn, version=2) not found")
    assert mlflow.refused("DELETE", "model-versions/delete", last) == gone
    assert "aliases" not in mlflow.get("registered-models/get", name="churn")["registered_model"]
    assert create(mlflow, source=f"runs:/{run.run_id}/x", run_id=run.run_id).number == 3


def test_a_version_is_described_and_tagged(mlflow: Mlflow, model: RegisteredModel, run: TrainingRun) -> None:
    version = ModelVersionFactory.create(model=model, number=1, run=run)
    named = {"name": "churn", "version": "1"}
    changed = mlflow.patch("model-versions/update", **named, description="better")
    version.refresh_from_db()
    assert changed == {"model_version": version_json(version)}
    assert version.description == "better"
    for value in ("1", "2"):
        assert mlflow.post("model-versions/set-tag", **named, key="k", value=value) == {}
    shown = mlflow.get("model-versions/get", **named)["model_version"]
    assert shown["tags"] == [{"key": "k", "value": "2"}]
    for _ in range(2):
        assert mlflow.delete("model-versions/delete-tag", **named, key="k") == {}
    assert "tags" not in mlflow.get("model-versions/get", **named)["model_version"]


def test_a_version_moves_to_a_stage_and_archives_what_was_there(
    mlflow: Mlflow, model: RegisteredModel, run: TrainingRun
) -> None:
    for number in (1, 2, 3):
        ModelVersionFactory.create(model=model, number=number, run=run)
    for number, archives in ((1, False), (2, False), (3, True)):
        named = {"name": "churn", "version": str(number), "stage": "production"}
        moved = mlflow.post("model-versions/transition-stage", **named, archive_existing_versions=archives)
        assert moved["model_version"]["current_stage"] == "Production"
    stages = dict(ModelVersion.objects.values_list("number", "stage"))
    assert stages == {1: "Archived", 2: "Archived", 3: "Production"}


def test_a_stage_is_not_cleared_of_what_is_not_mine(
    mlflow: Mlflow, model: RegisteredModel, run: TrainingRun
) -> None:
    ModelVersionFactory.create(model=model, number=1, run=run)
    theirs = ModelVersionFactory.create(model=model, number=2, stage="Staging")
    grant_permission(experiment=theirs.run.experiment, user=mlflow.user, level="READ", by=None)
    fields = {"name": "churn", "version": "1", "stage": "Staging", "archive_existing_versions": True}
    assert mlflow.refused("POST", "model-versions/transition-stage", fields)[1] == "PERMISSION_DENIED"


@pytest.mark.parametrize(
    ("method", "path", "fields", "told"),
    [
        ("POST", "transition-stage", {"stage": "x"}, "Invalid Model Version stage: x. Value must be one of"),
        (
            "POST", "transition-stage", {"stage": "Archived", "archive_existing_versions": True},
            "Model version transition cannot archive existing model versions because 'Archived' is not",
        ),
        ("POST", "create", {}, "Missing value for required parameter 'source'."),
        ("GET", "get", {"version": "x"}, "Parameter 'version' must be an integer, got 'x'."),
        ("GET", "get", {"version": ""}, "Missing value for required parameter 'version'."),
        ("GET", "get", {"name": ""}, "Missing value for required parameter 'name'."),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("model")
def test_a_bad_request_is_told_what_is_wrong(
    mlflow: Mlflow, method: str, path: str, fields: dict[str, Any], told: str
) -> None:
    asked = {"name": "churn", "version": "1"} | fields
    status, code, message = mlflow.refused(method, f"model-versions/{path}", asked)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message.startswith(told)


@pytest.mark.parametrize("version", ["99", "-1", "0", "4294967296"])
def test_a_version_that_is_not_there_is_not_found(
    mlflow: Mlflow, model: RegisteredModel, version: str
) -> None:
    asked = {"name": "churn", "version": version, "stage": "Staging", "key": "k", "alias": "a"}
    told = (404, "RESOURCE_DOES_NOT_EXIST", f"Model Version (name=churn, version={version}) not found")
    for method, path in (
        ("GET", "model-versions/get"), ("PATCH", "model-versions/update"), ("DELETE", "model-versions/delete"),
        ("POST", "model-versions/transition-stage"), ("POST", "model-versions/set-tag"),
        ("POST", "registered-models/alias"),
    ):  # fmt: skip
        assert mlflow.refused(method, path, asked) == told
