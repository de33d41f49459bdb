"""Small stores as MLflow writes them; the real thing is in tests/mlflow_client."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

OUTER, INNER, GONE = "a" * 32, "b" * 32, "c" * 32
MODEL = f"m-{'d' * 32}"
AT = 1_790_000_000_000
SCHEMA = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name VARCHAR(256), artifact_location VARCHAR(256),
    lifecycle_stage VARCHAR(32), creation_time BIGINT, last_update_time BIGINT, workspace VARCHAR(63));
CREATE TABLE experiment_tags (key VARCHAR(250), value TEXT, experiment_id INTEGER);
CREATE TABLE runs (run_uuid VARCHAR(32) PRIMARY KEY, name VARCHAR(250), source_type VARCHAR(20),
    source_name VARCHAR(500), entry_point_name VARCHAR(50), user_id VARCHAR(256), status VARCHAR(9),
    start_time BIGINT, end_time BIGINT, source_version VARCHAR(50), lifecycle_stage VARCHAR(20),
    artifact_uri VARCHAR(200), experiment_id INTEGER, deleted_time BIGINT);
CREATE TABLE metrics (key VARCHAR(250), value FLOAT, timestamp BIGINT, run_uuid VARCHAR(32), step BIGINT,
    is_nan BOOLEAN);
CREATE TABLE params (key VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32));
CREATE TABLE tags (key VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32));
CREATE TABLE datasets (dataset_uuid VARCHAR(36), experiment_id INTEGER, name VARCHAR(500), digest VARCHAR(36),
    dataset_source_type VARCHAR(36), dataset_source TEXT, dataset_schema TEXT, dataset_profile TEXT);
CREATE TABLE inputs (input_uuid VARCHAR(36), source_type VARCHAR(36), source_id VARCHAR(36),
    destination_type VARCHAR(36), destination_id VARCHAR(36), step BIGINT);
CREATE TABLE input_tags (input_uuid VARCHAR(36), name VARCHAR(255), value VARCHAR(500));
CREATE TABLE logged_models (model_id VARCHAR(36), experiment_id INTEGER, name VARCHAR(500),
    artifact_location VARCHAR(1000), creation_timestamp_ms BIGINT, last_updated_timestamp_ms BIGINT,
    status INTEGER, lifecycle_stage VARCHAR(32), model_type VARCHAR(500), source_run_id VARCHAR(32),
    status_message VARCHAR(1000));
CREATE TABLE logged_model_params (model_id VARCHAR(36), experiment_id INTEGER, param_key VARCHAR(255),
    param_value TEXT);
CREATE TABLE logged_model_tags (model_id VARCHAR(36), experiment_id INTEGER, tag_key VARCHAR(255),
    tag_value TEXT);
CREATE TABLE logged_model_metrics (model_id VARCHAR(36), metric_name VARCHAR(500), metric_timestamp_ms BIGINT,
    metric_step BIGINT, metric_value FLOAT, experiment_id INTEGER, run_id VARCHAR(32), dataset_uuid VARCHAR(36),
    dataset_name VARCHAR(500), dataset_digest VARCHAR(36));
CREATE TABLE registered_models (name VARCHAR(256), creation_time BIGINT, last_updated_time BIGINT,
    description VARCHAR(5000), workspace VARCHAR(63));
CREATE TABLE registered_model_tags (key VARCHAR(250), value VARCHAR(5000), name VARCHAR(256),
    workspace VARCHAR(63));
CREATE TABLE registered_model_aliases (alias VARCHAR(256), version INTEGER, name VARCHAR(256),
    workspace VARCHAR(63));
CREATE TABLE model_versions (name VARCHAR(256), version INTEGER, creation_time BIGINT, last_updated_time BIGINT,
    description VARCHAR(5000), user_id VARCHAR(256), current_stage VARCHAR(20), source VARCHAR(500),
    run_id VARCHAR(32), status VARCHAR(20), status_message VARCHAR(500), run_link VARCHAR(500),
    storage_location VARCHAR(500), workspace VARCHAR(63));
CREATE TABLE model_version_tags (key VARCHAR(250), value TEXT, name VARCHAR(256), version INTEGER,
    workspace VARCHAR(63));
"""
RUN = {"name": "outer", "status": "FINISHED", "start_time": AT, "end_time": AT + 1_000, "experiment_id": 1}
USUAL: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "alembic_version": [{"version_num": "dc11669786a5"}],
    "experiments": [
        {"experiment_id": 0, "name": "Default"},
        {"experiment_id": 1, "name": "first", "lifecycle_stage": "active", "creation_time": AT},
        {"experiment_id": 2, "name": "gone", "lifecycle_stage": "deleted"},
    ],
    "experiment_tags": [{"experiment_id": 1, "key": "mlflow.note.content", "value": "words"}],
    "runs": [
        {"run_uuid": OUTER, **RUN, "user_id": "ada"},
        {"run_uuid": INNER, **RUN, "name": "inner", "status": "RUNNING", "end_time": None},
        {"run_uuid": GONE, **RUN, "name": "", "lifecycle_stage": "deleted", "experiment_id": 2},
    ],
    "params": [{"run_uuid": OUTER, "key": "a.b", "value": "1"}],
    "tags": [
        {"run_uuid": INNER, "key": "mlflow.parentRunId", "value": OUTER},
        {"run_uuid": GONE, "key": "mlflow.runName", "value": "old"},
    ],
    "metrics": [
        {"run_uuid": OUTER, "key": "loss", "value": 0.5, "timestamp": AT, "step": 1, "is_nan": 0},
        {"run_uuid": OUTER, "key": "loss", "value": 0, "timestamp": AT, "step": 2, "is_nan": 1},
        {"run_uuid": OUTER, "key": "n", "value": 2, "timestamp": AT, "step": 0, "is_nan": 0},
    ],
    "datasets": [
        {"dataset_uuid": "d1", "experiment_id": 1, "name": "rows", "digest": "1", "dataset_source_type": "local",
         "dataset_source": "{}", "dataset_profile": '{"num_rows": 3}'}
    ],
    "inputs": [
        {"input_uuid": "i1", "source_type": "DATASET", "source_id": "d1", "destination_type": "RUN",
         "destination_id": OUTER},
        {"input_uuid": "i2", "source_type": "RUN_OUTPUT", "source_id": OUTER, "step": 3,
         "destination_type": "MODEL_OUTPUT", "destination_id": MODEL},
    ],
    "input_tags": [{"input_uuid": "i1", "name": "mlflow.data.context", "value": "train"}],
    "logged_models": [
        {"model_id": MODEL, "experiment_id": 1, "name": "forest", "creation_timestamp_ms": AT, "status": 2,
         "source_run_id": OUTER, "artifact_location": ""}
    ],
    "logged_model_params": [{"model_id": MODEL, "param_key": "trees", "param_value": "10"}],
    "logged_model_tags": [{"model_id": MODEL, "tag_key": "x", "tag_value": "y"}],
    "logged_model_metrics": [
        {"model_id": MODEL, "metric_name": "acc", "metric_timestamp_ms": AT, "metric_step": 2,
         "metric_value": 0.5, "run_id": OUTER, "dataset_name": "rows", "dataset_digest": "1"}
    ],
    "registered_models": [{"name": "wine", "creation_time": AT, "description": "red", "workspace": "default"}],
    "registered_model_tags": [{"name": "wine", "key": "q", "value": "w", "workspace": "default"}],
    "registered_model_aliases": [{"name": "wine", "alias": "best", "version": 2, "workspace": "default"}],
    "model_versions": [
        {"name": "wine", "version": 1, "source": f"runs:/{OUTER}/model", "run_id": OUTER, "status": "READY",
         "current_stage": "Production", "creation_time": AT, "workspace": "default"},
        {"name": "wine", "version": 2, "source": f"models:/{MODEL}", "run_id": OUTER, "workspace": "default"},
        {"name": "wine", "version": 3, "source": "", "current_stage": "Deleted_Internal", "workspace": "default"},
    ],
    "model_version_tags": [{"name": "wine", "version": 1, "key": "n", "value": "1", "workspace": "default"}],
}  # fmt: skip


def write_database(path: Path, **tables: Sequence[Mapping[str, Any]]) -> Path:
    """A database of MLflow's with the usual rows; a table that is given has those instead."""
    connection = sqlite3.connect(path)
    connection.executescript(f"PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; BEGIN; {SCHEMA}")
    for table, rows in {**USUAL, **tables}.items():
        for row in rows:
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608
    connection.commit()
    connection.close()
    return path


def change(path: Path, statement: str) -> Path:
    """Break something in a database."""
    connection = sqlite3.connect(path)
    connection.executescript(f"PRAGMA synchronous = OFF; {statement}")
    connection.commit()
    connection.close()
    return path


def write_folder(root: Path) -> Path:
    """The same experiments, runs and models as a folder ``mlruns``."""
    first = root / "1"
    _meta(root / "0", experiment_id="0", name="Default")
    _meta(first, experiment_id="1", name="first", lifecycle_stage="active", creation_time=AT)
    _text(first / "tags/mlflow.note.content", "words")
    run = {"status": 3, "start_time": AT, "end_time": AT + 1_000}
    _meta(first / OUTER, run_id=OUTER, run_name="outer", experiment_id="1", user_id="ada", **run)
    _text(first / OUTER / "params/a.b", "1")
    _text(first / OUTER / "metrics/loss", f"{AT} 0.5 1\n{AT} nan 2 rows 1\n")
    _text(first / OUTER / "metrics/n", f"{AT} 2\n")
    _text(first / OUTER / "artifacts/plots/curve.txt", "curve")
    tags = {"mlflow.data.context": "train"}
    _meta(first / OUTER / "inputs/i1", source_type="DATASET", source_id="d1", tags=tags)
    _meta(first / OUTER / "outputs" / MODEL, source_type="RUN_OUTPUT", source_id=MODEL, step=3)
    _meta(
        first / INNER, run_uuid=INNER, name="inner", experiment_id=1, **run | {"status": 1, "end_time": None}
    )
    _text(first / INNER / "tags/mlflow.parentRunId", OUTER)
    profile = '{"num_rows": 3}'
    fields = {"name": "rows", "digest": "1", "source_type": "local", "source": "{}", "profile": profile}
    _meta(first / "datasets/d1", **fields)
    model = {"name": "forest", "creation_timestamp": AT, "status": 2, "source_run_id": OUTER}
    _meta(first / "models" / MODEL, model_id=MODEL, experiment_id="1", **model)
    _text(first / "models" / MODEL / "params/trees", "10")
    _text(first / "models" / MODEL / "tags/x", "y")
    _text(first / "models" / MODEL / "metrics/acc", f"{AT} 0.5 2 {OUTER} rows 1\n")
    _meta(root / ".trash/2", experiment_id="2", name="gone", lifecycle_stage="deleted")
    gone = run | {"lifecycle_stage": "deleted"}
    _meta(root / ".trash/2" / GONE, run_id=GONE, run_name="old", experiment_id="2", **gone)
    _text(root / ".trash/2" / GONE / "tags/mlflow.runName", "old")
    _registry(root / "models/wine")
    return root


def _registry(wine: Path) -> None:
    _meta(wine, name="wine", creation_timestamp=AT, description="red")
    _text(wine / "tags/q", "w")
    _text(wine / "aliases/best", "2")
    source = f"runs:/{OUTER}/model"
    one = {"source": source, "run_id": OUTER, "current_stage": "Production", "creation_timestamp": AT}
    _meta(wine / "version-1", name="wine", version=1, status="READY", **one)
    _text(wine / "version-1/tags/n", "1")
    _meta(wine / "version-2", name="wine", version=2, source=f"models:/{MODEL}", run_id=OUTER)
    _meta(wine / "version-3", name="wine", version=3, source="", current_stage="Deleted_Internal")


def _meta(folder: Path, **fields: Any) -> None:
    _text(folder / "meta.yaml", yaml.safe_dump(fields))


def _text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
