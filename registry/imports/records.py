"""What a source of an import yields: neutral records, whatever it reads them from.

A ``source_id`` is the source's own name of a thing; records refer to each other by it. The importer
(:mod:`registry.imports.service`) reads a source twice: once to examine everything, once to write, so each
method must yield the same records in the same order each time it is called. Nothing here is checked: the
importer checks every record against the services' limits and refuses it with its place.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from registry.services.metric_samples import MetricSample

LEFT_OUT = "left out"
GONE = "gone since"
NO_FAILURES = (LEFT_OUT, GONE)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that can't be imported.

    Attributes:
        place: where it is in the source, for a person: ``line 7, column accuracy``, ``runs/abc/meta.yaml``.
        cause: what is wrong, in a sentence.
        cure: what to do about it, in a sentence.
        kind: what is refused: ``run``, ``experiment``, ``dataset``, ``logged_model``,
            ``registered_model``; or ``source``, the whole of it, and then nothing is stored; or
            ``left out``, something that this platform has no place for, and then nothing is refused.
        source_id: of what is refused, where it has one.
    """

    place: str
    cause: str
    cure: str
    kind: str = "run"
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is; ``total`` is None where nobody knows it yet."""

    step: str
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class ImportedExperiment:
    """What runs are gathered under; joined with the experiment of this name where that is allowed.

    Attributes:
        experiment_id: 32 hexadecimal characters that a new one is to have, where nothing has them yet.
    """

    source_id: str
    name: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    custom: Mapping[str, Any] = field(default_factory=dict)
    artifact_location: str = ""
    created_at: dt.datetime | None = None
    is_deleted: bool = False
    place: str = ""
    experiment_id: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedDataset:
    """A set of rows; the one that is here already with this name and digest is the same."""

    source_id: str
    name: str
    digest: str = ""
    source_type: str = ""
    source: str = ""
    schema: str = ""
    profile: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class ImportedInput:
    """A dataset that a run read; ``tags`` say how (MLflow's ``mlflow.data.context`` among them)."""

    dataset_source_id: str
    tags: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One artifact; ``open`` gives its bytes, each time it is called.

    Attributes:
        is_held: its bytes are in memory as long as this is.
    """

    path: str
    open: Callable[[], BinaryIO]
    size_bytes: int | None = None
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class ImportedModelLink:
    """A logged model that a run read (``input``) or made (``output``) at a step."""

    model_source_id: str
    role: str
    step: int = 0


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """One training run.

    Attributes:
        run_id: 32 hexadecimal characters, kept as they are; None for a new id, and then the run gets
            the tag ``import.source_id``.
        status: one of ``RunStatus``; an ended run without ``ended_at`` ended when it started.
        params: nested and typed; where ``is_flat``, keys and texts as MLflow has them, which are kept to
            the letter and read as numbers and groups in the run's body only.
        metrics: any order; read once a call of ``runs``, so it may be a generator.
        custom: metadata of any shape, kept in the run's body.
        parent_source_id: may come later in the source.
        dataset_source_id: what it was trained on; where it is empty, its first training input.
    """

    source_id: str
    experiment_source_id: str
    run_id: str | None = None
    name: str = ""
    status: str = "FINISHED"
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    model_name: str = ""
    framework: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    is_flat: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Iterable[MetricSample] = ()
    dataset_source_id: str = ""
    inputs: Sequence[ImportedInput] = ()
    models: Sequence[ImportedModelLink] = ()
    artifacts: Sequence[ImportedFile] = ()
    parent_source_id: str = ""
    custom: Mapping[str, Any] = field(default_factory=dict)
    is_deleted: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class ImportedModelScore:
    """One value that a logged model scored in a run, perhaps on a dataset."""

    run_source_id: str
    key: str
    value: float
    step: int
    timestamp_ms: int
    dataset_name: str = ""
    dataset_digest: str = ""


@dataclass(frozen=True, slots=True)
class ImportedLoggedModel:
    """What a run made and may be registered (MLflow 3)."""

    source_id: str
    experiment_source_id: str
    name: str
    model_id: str | None = None
    run_source_id: str = ""
    model_type: str = ""
    status: str = "READY"
    status_message: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    scores: Sequence[ImportedModelScore] = ()
    artifacts: Sequence[ImportedFile] = ()
    created_at: dt.datetime | None = None
    is_deleted: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class ImportedModelVersion:
    """One version of a registered model: files of a run, or a logged model."""

    number: int
    run_source_id: str = ""
    logged_model_source_id: str = ""
    artifact_path: str = ""
    source: str = ""
    run_link: str = ""
    description: str = ""
    stage: str = "None"
    status: str = "READY"
    status_message: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    created_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportedRegisteredModel:
    """A name with its versions, and the aliases that point at some of them by number."""

    source_id: str
    name: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    versions: Sequence[ImportedModelVersion] = ()
    aliases: Mapping[str, int] = field(default_factory=dict)
    created_at: dt.datetime | None = None
    place: str = ""


class Source(Protocol):
    """Where an import reads from.

    A record that can't be made of what is there is yielded as a :class:`Problem` in its place; what
    is wrong with the whole (cut off, encrypted, no such tables) is a problem of kind ``source``.
    """

    @property
    def kind(self) -> str:
        """``sqlite``, ``csv``, ``mlruns`` or ``mlflow``."""

    @property
    def place(self) -> str:
        """The file, folder or address, without secrets; an import goes on, or is repeated, by it."""

    def fingerprint(self) -> str:
        """SHA-256 of what is there and how it is read: the same elsewhere is the same import."""

    def examine(self) -> Iterator[Problem | Progress]:
        """Look at what is not in any record: that it can be read, that the tables are there."""

    def experiments(self) -> Iterator[ImportedExperiment | Problem]:
        """All experiments that runs belong to."""

    def datasets(self) -> Iterator[ImportedDataset | Problem]:
        """All datasets that runs read."""

    def runs(self) -> Iterator[ImportedRun | Problem]:
        """All runs, one in memory at a time."""

    def logged_models(self) -> Iterator[ImportedLoggedModel | Problem]:
        """All logged models."""

    def registered_models(self) -> Iterator[ImportedRegisteredModel | Problem]:
        """All registered models."""
