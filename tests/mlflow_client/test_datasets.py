"""Datasets that a run read."""

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.data.pandas_dataset import PandasDataset
from mlflow.entities import Dataset, DatasetInput, InputTag

FRAME = pd.DataFrame({"a": [1, 2, 3], "b": [1.0, 2.0, 3.0]})


def _logged(client: MlflowClient, run_id: str) -> list[tuple[str, str, dict[str, str]]]:
    inputs = client.get_run(run_id).inputs.dataset_inputs
    return sorted((i.dataset.name, i.dataset.digest, {t.key: t.value for t in i.tags}) for i in inputs)


def test_a_data_frame_is_logged_with_its_schema(client: MlflowClient, experiment: str) -> None:
    dataset: PandasDataset = mlflow.data.from_pandas(FRAME, name="mine", targets="b")
    with mlflow.start_run() as active:
        mlflow.log_input(dataset, context="train", tags={"split": "1"})
    assert _logged(client, active.info.run_id) == [
        ("mine", dataset.digest, {"mlflow.data.context": "train", "split": "1"})
    ]
    (logged,) = client.get_run(active.info.run_id).inputs.dataset_inputs
    assert '"num_rows": 3' in logged.dataset.profile
    assert '"name": "a"' in logged.dataset.schema
    assert logged.dataset.source_type == "code"


def test_several_datasets_of_one_run_are_kept(client: MlflowClient, experiment: str) -> None:
    sets = [mlflow.data.from_pandas(FRAME.head(n), name=f"set {n}") for n in (1, 2)]
    with mlflow.start_run() as active:
        mlflow.log_inputs(sets, contexts=["train", "test"], tags_list=[None, {"a": "b"}])
        mlflow.log_input(sets[0], context="train")
    assert [name for name, _, _ in _logged(client, active.info.run_id)] == ["set 1", "set 2"]


def test_one_dataset_is_shared_by_runs(client: MlflowClient, experiment: str) -> None:
    dataset = Dataset(name="shared", digest="1", source_type="local", source="{}")
    runs = [client.create_run(experiment).info.run_id for _ in range(2)]
    for run in runs:
        client.log_inputs(run, [DatasetInput(dataset, [InputTag("mlflow.data.context", run)])])
    for run in runs:
        assert _logged(client, run) == [("shared", "1", {"mlflow.data.context": run})]


def test_a_metric_may_name_its_dataset(client: MlflowClient, experiment: str) -> None:
    dataset = mlflow.data.from_pandas(FRAME, name="eval")
    with mlflow.start_run() as active:
        mlflow.log_metric("loss", 1, dataset=dataset)
    assert client.get_run(active.info.run_id).data.metrics == {"loss": 1.0}
    assert [name for name, _, _ in _logged(client, active.info.run_id)] == ["eval"]
