"""What passes between the processes that train and the one that records: plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Task = Literal["classification", "regression"]
Config = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFacts:
    """What the registry keeps about a data set; ``digest`` is the SHA-256 of its arrays in hex."""

    name: str
    description: str
    source: str
    task: Task
    digest: str
    rows: int
    features: int


@dataclass(frozen=True, slots=True)
class Epoch:
    """Scores after one epoch (1, 2, …) on the training and the validation rows, and when it ended."""

    number: int
    metrics: Mapping[str, float]
    ended_at: datetime = field(compare=False)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One artifact: its bytes, its path inside the run and its media type."""

    path: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A model kept before the end of the training, with the scores it had then."""

    epoch: int
    file: StoredFile
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedRun:
    """Everything one training left behind; ``scores`` come from rows the model never saw."""

    run_id: str
    epochs: Sequence[Epoch]
    scores: Mapping[str, float]
    files: Sequence[StoredFile]
    checkpoints: Sequence[Checkpoint]
    facts: Mapping[str, str]
    started_at: datetime
    ended_at: datetime
