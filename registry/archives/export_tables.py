"""The tables of an export: a typed schema and the statement that fills it from the chosen runs."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

TEXT, WHOLE, NUMBER = pa.string(), pa.int64(), pa.float64()
MOMENT = pa.timestamp("us", tz="UTC")
RUN_ID = "replace(r.run_id::text, '-', '')"


@dataclass(frozen=True)
class ExportTable:
    """One file of an export.

    Attributes:
        statement: its columns in the schema's order, from the chosen runs ``r`` (``id``, ``run_id``).
    """

    name: str
    schema: Any
    statement: str


def _table(name: str, joined: str, /, **columns: tuple[Any, str]) -> ExportTable:
    schema = pa.schema([pa.field(column, type_) for column, (type_, _) in columns.items()])
    told = ", ".join(f"{sql} AS {column}" for column, (_, sql) in columns.items())
    return ExportTable(name, schema, f"SELECT {told} FROM exported_run r {joined} ORDER BY r.id")  # noqa: S608


TABLES = (
    _table(
        "runs",
        """JOIN registry_trainingrun t ON t.id = r.id JOIN registry_experiment e ON e.id = t.experiment_id
        LEFT JOIN registry_dataset d ON d.id = t.dataset_id LEFT JOIN auth_user u ON u.id = t.created_by_id
        LEFT JOIN registry_trainingrun p ON p.id = t.parent_id""",
        run_id=(TEXT, RUN_ID),
        name=(TEXT, "t.name"),
        experiment_id=(TEXT, "e.experiment_id"),
        experiment=(TEXT, "e.name"),
        dataset=(TEXT, "d.name"),
        dataset_digest=(TEXT, "d.digest"),
        parent_run_id=(TEXT, "replace(p.run_id::text, '-', '')"),
        model_name=(TEXT, "t.model_name"),
        framework=(TEXT, "t.framework"),
        status=(TEXT, "t.status"),
        accuracy=(NUMBER, "t.accuracy"),
        loss=(NUMBER, "t.loss"),
        duration_seconds=(NUMBER, "t.duration_seconds"),
        started_at=(MOMENT, "t.started_at"),
        ended_at=(MOMENT, "t.ended_at"),
        failure_reason=(TEXT, "t.failure_reason"),
        version=(WHOLE, "t.version"),
        created_by=(TEXT, "u.username"),
        created_at=(MOMENT, "t.created_at"),
    ),
    _table(
        "params",
        "JOIN registry_param x ON x.run_id = r.id",
        run_id=(TEXT, RUN_ID),
        key=(TEXT, "x.key"),
        value=(TEXT, "x.value"),
        value_number=(NUMBER, "x.value_number"),
    ),
    _table(
        "metrics",
        "JOIN registry_metric x ON x.run_id = r.id",
        run_id=(TEXT, RUN_ID),
        key=(TEXT, "x.key"),
        latest_value=(NUMBER, "x.latest_value"),
        latest_step=(WHOLE, "x.latest_step"),
        latest_timestamp_ms=(WHOLE, "x.latest_timestamp_ms"),
        min_value=(NUMBER, "x.min_value"),
        max_value=(NUMBER, "x.max_value"),
    ),
    _table(
        "tags",
        "JOIN registry_runtag x ON x.run_id = r.id",
        run_id=(TEXT, RUN_ID),
        key=(TEXT, "x.key"),
        value=(TEXT, "x.value"),
    ),
    _table(
        "inputs",
        "JOIN registry_runinput x ON x.run_id = r.id JOIN registry_dataset d ON d.id = x.dataset_id",
        run_id=(TEXT, RUN_ID),
        dataset=(TEXT, "d.name"),
        digest=(TEXT, "d.digest"),
        source=(TEXT, "d.source"),
        context=(TEXT, "x.context"),
        tags=(TEXT, "x.tags::text"),
    ),
    _table(
        "artifacts",
        "JOIN registry_artifact x ON x.run_id = r.id",
        run_id=(TEXT, RUN_ID),
        path=(TEXT, "x.path"),
        size_bytes=(WHOLE, "x.size_bytes"),
        sha256=(TEXT, "x.sha256"),
        media_type=(TEXT, "x.media_type"),
        created_at=(MOMENT, "x.created_at"),
    ),
)
BODIES = pa.schema(
    [
        pa.field("run_id", TEXT),
        pa.field("version", WHOLE),
        pa.field("body", TEXT),  # JSON
    ]
)
