"""What can be searched, by which attributes, and what each of them can be compared with."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from .tree import Entity

NUMERIC = frozenset({"=", "!=", "<", "<=", ">", ">="})
TEXTUAL = frozenset({"=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"})
LISTS = frozenset({"IN", "NOT IN"})
PRESENCE = frozenset({"IS NULL", "IS NOT NULL"})


class Kind(Enum):
    """What a field's values are, and so which operators it takes."""

    TEXT = "a quoted text"
    NUMBER = "a number"
    ID = "a quoted id"
    EITHER = "a quoted text or a number"
    MOMENT = "a date in quotes, such as '2026-11-01' or '2026-11-01 14:30' (UTC)"

    @property
    def operators(self) -> frozenset[str]:
        """The operators without ``IS NULL``."""
        return OPERATORS[self]


OPERATORS = {
    Kind.TEXT: TEXTUAL,
    Kind.NUMBER: NUMERIC | LISTS,
    Kind.ID: TEXTUAL,
    Kind.EITHER: TEXTUAL | NUMERIC,
    Kind.MOMENT: NUMERIC,
}
# Metrics, params, tags: any key is one. Datasets and attributes: see the subject.
KINDS = {Entity.METRIC: Kind.NUMBER, Entity.PARAM: Kind.EITHER, Entity.TAG: Kind.TEXT}
PREFIXES = {
    "attribute": Entity.ATTRIBUTE,
    "attributes": Entity.ATTRIBUTE,
    "attr": Entity.ATTRIBUTE,
    "run": Entity.ATTRIBUTE,
    "metric": Entity.METRIC,
    "metrics": Entity.METRIC,
    "param": Entity.PARAM,
    "params": Entity.PARAM,
    "parameter": Entity.PARAM,
    "parameters": Entity.PARAM,
    "config": Entity.PARAM,
    "tag": Entity.TAG,
    "tags": Entity.TAG,
    "dataset": Entity.DATASET,
    "datasets": Entity.DATASET,
}
DATASET_KEYS = {"name": Kind.TEXT, "digest": Kind.TEXT, "context": Kind.TEXT}


@dataclass(frozen=True, eq=False)
class Subject:
    """What a search is for.

    Attributes:
        attributes: name → kind.
        other_names: MLflow's other names of attributes.
        optional: attributes that may be missing, and so take ``IS NULL``.
    """

    noun: str
    entities: frozenset[Entity]
    attributes: Mapping[str, Kind]
    other_names: Mapping[str, str]
    optional: frozenset[str] = frozenset()

    def attribute(self, name: str) -> str:
        """The attribute that a name means, itself where it is none."""
        return self.other_names.get(name, name)


RUNS = Subject(
    noun="runs",
    entities=frozenset(Entity),
    attributes={
        "run_id": Kind.ID,
        "run_name": Kind.TEXT,
        "user_id": Kind.TEXT,
        "status": Kind.TEXT,
        "artifact_uri": Kind.TEXT,
        "start_time": Kind.NUMBER,
        "end_time": Kind.NUMBER,
        "model_name": Kind.TEXT,
        "framework": Kind.TEXT,
    },
    other_names={
        "created": "start_time",
        "Created": "start_time",
        "run name": "run_name",
        "Run name": "run_name",
        "Run Name": "run_name",
    },
)
RUNS_TABLE = Subject(
    noun="runs",
    entities=frozenset(Entity),
    attributes={
        "name": Kind.TEXT,
        "status": Kind.TEXT,
        "experiment": Kind.TEXT,
        "dataset": Kind.TEXT,
        "framework": Kind.TEXT,
        "model": Kind.TEXT,
        "owner": Kind.TEXT,
        "accuracy": Kind.NUMBER,
        "loss": Kind.NUMBER,
        "duration": Kind.NUMBER,
        "started_at": Kind.MOMENT,
        "ended_at": Kind.MOMENT,
        "run_id": Kind.ID,
        "lifecycle": Kind.TEXT,
    },
    other_names={
        "run_name": "name",
        "run name": "name",
        "Run name": "name",
        "Run Name": "name",
        "model_name": "model",
        "user_id": "owner",
        "start_time": "started_at",
        "created": "started_at",
        "Created": "started_at",
        "end_time": "ended_at",
        "duration_seconds": "duration",
    },
    optional=frozenset({"dataset", "owner", "accuracy", "loss", "duration", "ended_at"}),
)
"""Runs as the page shows them: its columns by name, and MLflow's names for those that are theirs."""
EXPERIMENTS = Subject(
    noun="experiments",
    entities=frozenset({Entity.ATTRIBUTE, Entity.TAG}),
    attributes={
        "name": Kind.TEXT,
        "experiment_id": Kind.ID,
        "creation_time": Kind.NUMBER,
        "last_update_time": Kind.NUMBER,
    },
    other_names={},
)
LOGGED_MODELS = Subject(
    noun="logged models",
    entities=frozenset({Entity.ATTRIBUTE, Entity.METRIC, Entity.PARAM, Entity.TAG}),
    attributes={
        "model_id": Kind.ID,
        "experiment_id": Kind.ID,
        "source_run_id": Kind.ID,
        "name": Kind.TEXT,
        "model_type": Kind.TEXT,
        "status": Kind.TEXT,
        "creation_timestamp_ms": Kind.NUMBER,
        "last_updated_timestamp_ms": Kind.NUMBER,
    },
    other_names={
        "creation_time": "creation_timestamp_ms",
        "creation_timestamp": "creation_timestamp_ms",
        "last_updated_timestamp": "last_updated_timestamp_ms",
    },
)
REGISTERED_MODELS = Subject(
    noun="registered models",
    entities=frozenset({Entity.ATTRIBUTE, Entity.TAG}),
    attributes={
        "name": Kind.TEXT,
        "creation_timestamp": Kind.NUMBER,
        "last_updated_timestamp": Kind.NUMBER,
    },
    other_names={"timestamp": "last_updated_timestamp"},
)
MODEL_VERSIONS = Subject(
    noun="model versions",
    entities=frozenset({Entity.ATTRIBUTE, Entity.TAG}),
    attributes={
        "name": Kind.TEXT,
        "run_id": Kind.ID,
        "source_path": Kind.TEXT,
        "version_number": Kind.NUMBER,
        "creation_timestamp": Kind.NUMBER,
        "last_updated_timestamp": Kind.NUMBER,
    },
    other_names={},
)
