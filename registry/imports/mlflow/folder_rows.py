"""What lies in the folder of a run, a logged model or a registered model, as rows of MLflow's database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from registry.imports.records import ImportedInput, ImportedModelLink, ImportedModelScore
from registry.services.metric_samples import MetricSample

from . import values
from .folder_files import bad_line, folders, keys, lines, meta
from .values import UnreadableError

Fields = dict[str, Any]
OF_RUN = (3, 5)
OF_OLD_RUN = 2
OF_MODEL = (4, 6)
STEP = 2
RUN_ID = 3


def experiment_row(folder: Path) -> Fields:
    """An experiment's; the folder's name is its id, as MLflow has it."""
    fields = meta(folder)
    _require_same(fields.get("experiment_id"), folder.name, "experiment")
    return {**fields, "experiment_id": folder.name}


def run_row(folder: Path) -> Fields:
    """A run's."""
    fields = meta(folder)
    run_id = fields.get("run_id") or fields.get("run_uuid")
    _require_same(run_id, folder.name, "run")
    _require_same(fields.get("experiment_id"), folder.parent.name, "experiment")
    name = fields.get("run_name") or fields.get("name")
    return {**fields, "run_uuid": run_id, "name": name, "experiment_id": folder.parent.name}


def dataset_row(folder: Path) -> Fields:
    """A dataset's."""
    fields = meta(folder)
    names = ("source_type", "source", "schema", "profile")
    return {**fields, **{f"dataset_{name}": fields.get(name) for name in names}}


def logged_model_row(folder: Path) -> Fields:
    """A logged model's."""
    fields = meta(folder)
    _require_same(fields.get("model_id"), folder.name, "logged model")
    return {
        **fields,
        "experiment_id": folder.parent.parent.name,
        "creation_timestamp_ms": fields.get("creation_timestamp"),
    }


def registered_row(folder: Path) -> Fields:
    """A registered model's, or a version's."""
    fields = meta(folder)
    return {**fields, "creation_time": fields.get("creation_timestamp")}


def samples(folder: Path) -> Iterator[MetricSample]:
    """A run's points: a file a metric, a line a point; read as they are asked for.

    Raises:
        UnreadableError: a line is none of MLflow's.
    """
    for key, path in keys(folder):
        for number, words in lines(path, key):
            if len(words) not in OF_RUN and len(words) != OF_OLD_RUN:
                raise bad_line(key, number, b" ".join(words), f"has {len(words)} words")
            try:
                step = int(words[STEP]) if len(words) > STEP else 0
                yield MetricSample(key, float(words[1]), step, int(words[0]))
            except ValueError as error:
                raise bad_line(key, number, b" ".join(words), "holds what is no number") from error


def scores(folder: Path) -> Iterator[ImportedModelScore]:
    """What a logged model scored: a line says in which run, and perhaps on which dataset."""
    for key, path in keys(folder):
        for number, words in lines(path, key):
            if len(words) not in OF_MODEL:
                raise bad_line(key, number, b" ".join(words), f"has {len(words)} words")
            try:
                run, *dataset = (word.decode() for word in words[RUN_ID:])
                name, digest = dataset or ("", "")
                yield ImportedModelScore(
                    run, key, float(words[1]), int(words[STEP]), int(words[0]), name, digest
                )
            except ValueError as error:
                raise bad_line(key, number, b" ".join(words), "holds what is no number") from error


def inputs(run: Path) -> Iterator[ImportedInput | ImportedModelLink]:
    """The datasets and logged models that a run read, and the models that it made."""
    for name in folders(run / "inputs"):
        fields = meta(run / "inputs" / name)
        source_id = values.text(fields, "source_id")
        if fields.get("source_type") == "MODEL":
            yield ImportedModelLink(source_id, "input")
        else:
            tags = fields.get("tags") or {}
            if not isinstance(tags, dict):
                raise UnreadableError(f"inputs/{name} has tags that are none.", "Correct its meta.yaml.")
            pairs = [(str(key), values.checked_text(value, where=str(key))) for key, value in tags.items()]
            yield ImportedInput(f"{run.parent.name}/{source_id}", pairs)
    for name in folders(run / "outputs"):
        fields = meta(run / "outputs" / name)
        yield ImportedModelLink(name, "output", values.integer(fields, "step", 0) or 0)


def _require_same(told: object, name: str, kind: str) -> None:
    if str(told) != name:
        raise UnreadableError(
            f"meta.yaml says that it is of the {kind} {str(told)[:60]!r}, the folder is of {name!r}.",
            "MLflow does not read such a folder either. Correct one of them.",
        )
