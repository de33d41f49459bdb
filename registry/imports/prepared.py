"""A run as it will be stored: every part checked against the services' limits, and encoded."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.artifacts.paths import checked_path
from registry.documents import plain
from registry.enums import ENDED_STATUSES, Lifecycle, RunStatus
from registry.exceptions import BadInputError
from registry.fields import HEX_ID, new_hex_id
from registry.models import TrainingRun
from registry.services.flat_params import read_flat_params
from registry.services.names import checked_name, checked_text
from registry.services.params import MAX_LEAVES, Leaves, as_text, claim_space, dotted, read_leaves
from registry.services.run_inputs import check_tags
from registry.services.tags import Pairs, tag_pairs

from .changes import said_of_run
from .histories import History, read_histories
from .records import ImportedFile, ImportedInput, ImportedModelLink, ImportedRun

SOURCE_ID_TAG = "import.source_id"
MAX_FILES = 3_000  # each holds a lock of PostgreSQL's while the run is written


@dataclass
class PreparedRun:
    """One run, ready to be written.

    Attributes:
        row: not saved; without experiment, dataset and parent.
        texts: params as PostgreSQL has them; ``leaves`` as MongoDB has them.
        place: where it is in the source.
        bytes: of its params, tags and metadata in BSON, and of the files that memory holds.
        said: a checksum of the source's own words.
    """

    source_id: str
    place: str
    row: TrainingRun
    experiment_source_id: str
    dataset_source_id: str
    parent_source_id: str
    texts: dict[str, str]
    leaves: Leaves
    tags: Pairs
    custom: Mapping[str, Any]
    histories: list[History]
    inputs: Sequence[ImportedInput]
    models: Sequence[ImportedModelLink]
    files: Sequence[ImportedFile]
    bytes: int
    said: str

    @property
    def points(self) -> int:
        """How many metric points it has."""
        return sum(map(len, self.histories))


def prepare(run: ImportedRun, *, otherwise_at: dt.datetime) -> PreparedRun:
    """Check a run and make it ready.

    Args:
        otherwise_at: when it started, where its source knows neither start nor end.

    Raises:
        BadInputError: something of it can't be stored.
    """
    row = _row(run, otherwise_at)
    texts, leaves = _params(run)
    claim_space(row, leaves)
    given = {} if run.run_id else {SOURCE_ID_TAG: run.source_id}
    tags = tag_pairs({**run.tags, **given})
    custom = dict(run.custom)
    size = _check_whole(leaves, tags, plain.encode(custom, where="custom"))
    for each in run.inputs:
        check_tags(each.tags)
    check_files(run.artifacts)
    size += sum(file.size_bytes or 0 for file in run.artifacts if file.is_held)
    histories = read_histories(run.metrics)
    _set_columns(row, histories)
    return PreparedRun(
        run.source_id, run.place or f"run {run.source_id}", row, run.experiment_source_id,
        run.dataset_source_id, run.parent_source_id, texts, leaves, tags, custom, histories,
        run.inputs, run.models, run.artifacts, size,
        said_of_run(run, histories),
    )  # fmt: skip


def _row(run: ImportedRun, otherwise_at: dt.datetime) -> TrainingRun:
    if run.run_id is not None and not HEX_ID.fullmatch(run.run_id):
        raise BadInputError(f"{run.run_id[:50]!r} is no run id of 32 hexadecimal characters in lower case.")
    if run.status not in RunStatus.values:
        raise BadInputError(f"{run.status[:50]!r} is no status; there are {', '.join(RunStatus.values)}.")
    run_id = run.run_id or new_hex_id()
    is_ended = run.status in ENDED_STATUSES
    started_at = _time(run.started_at or run.ended_at or otherwise_at, "start")
    ended_at = _time(run.ended_at or started_at, "end") if is_ended else None
    if ended_at is not None and ended_at < started_at:
        raise BadInputError(
            f"It ends at {ended_at.isoformat()}, before it starts ({started_at.isoformat()})."
        )
    return TrainingRun(
        run_id=run_id,
        name=checked_name(run.name if run.name.strip() else f"run-{run_id[:8]}", what="The run's name"),
        model_name=checked_text(run.model_name, what="The model's name"),
        framework=checked_text(run.framework, what="The framework", limit=64),
        status=RunStatus(run.status),
        lifecycle=Lifecycle.DELETED if run.is_deleted else Lifecycle.ACTIVE,
        deleted_at=otherwise_at if run.is_deleted else None,
        started_at=started_at,
        ended_at=ended_at,
        duration_seconds=(ended_at - started_at).total_seconds() if ended_at else None,
    )


def _time(at: dt.datetime, what: str) -> dt.datetime:
    if at.tzinfo is None:
        raise BadInputError(f"Its {what} {at.isoformat()} has no time zone.")
    return at.astimezone(dt.UTC)


def _params(run: ImportedRun) -> tuple[dict[str, str], Leaves]:
    if run.is_flat:
        texts, leaves = read_flat_params(run.params)
    else:
        leaves = read_leaves(run.params)
        texts = {dotted(path): as_text(plain.decode(value)) for path, value in leaves.items()}
        if len(texts) < len(leaves):
            raise BadInputError("Two params have the same dotted key, one nested and one with dots.")
    if len(texts) > MAX_LEAVES:
        raise BadInputError(f"It has {len(texts):,} params; a run may have {MAX_LEAVES:,}.")
    for key, text in texts.items():
        plain.check_text(text, where=f"The param {key[:50]!r}")
    return texts, leaves


def _check_whole(leaves: Leaves, tags: Pairs, custom: Mapping[str, Any]) -> int:
    """How many bytes the first part of the run's document has, which fits."""
    values = [[*path, value] for path, value in leaves.items()]
    return len(
        plain.packed(
            {"params": values, "tags": tags, "custom": custom}, where="The run's params, tags and metadata"
        )
    )


def check_files(files: Sequence[ImportedFile]) -> None:
    """Refuse artifacts that can't be stored side by side.

    Raises:
        BadInputError: a path is not acceptable, or there twice, or there are too many.
    """
    if len(files) > MAX_FILES:
        raise BadInputError(
            f"It has {len(files):,} artifacts; an imported run or model may have {MAX_FILES:,}."
        )
    paths = [checked_path(file.path) for file in files]
    if len(set(paths)) < len(paths):
        raise BadInputError("Two of its artifacts have the same path.")
    if inside := set(paths) & _folders(paths):
        raise BadInputError(f"Its artifact {min(inside)!r} is a file and a folder as well.")


def _folders(paths: Iterable[str]) -> set[str]:
    return {path[:place] for path in paths for place, letter in enumerate(path) if letter == "/"}


def _set_columns(row: TrainingRun, histories: Iterable[History]) -> None:
    """The latest accuracy (from 0 to 1) and loss are repeated on the run, as ``log_metrics`` does."""
    for history in histories:
        if history.key == "loss":
            row.loss = history.summary().value
        elif history.key == "accuracy" and 0 <= (accuracy := history.summary().value) <= 1:
            row.accuracy = accuracy
