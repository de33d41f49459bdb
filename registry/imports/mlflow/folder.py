"""A folder ``mlruns`` as a source: MLflow's file store, with its bin and its model registry."""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path

from registry.fields import HEX_ID
from registry.imports.records import (
    LEFT_OUT,
    ImportedDataset,
    ImportedExperiment,
    ImportedInput,
    ImportedLoggedModel,
    ImportedModelLink,
    ImportedRegisteredModel,
    ImportedRun,
    Problem,
    Progress,
)

from . import building, folder_rows, values
from .artifact_folders import ArtifactFolders, FoundFiles
from .attempts import attempt, left_out, shown
from .folder_files import META, folders, is_folder, links, meta, texts
from .values import UnreadableError

BIN = ".trash"
MODELS = "models"
NOT_RUNS = ("tags", "datasets", "traces", MODELS, BIN)


class MlrunsFolder:
    """The files that MLflow keeps where it has no database.

    Args:
        experiments: names of those that are wanted; all where there are none.
    """

    kind = "mlruns"

    def __init__(self, root: Path, *, files: ArtifactFolders, experiments: Sequence[str] = ()) -> None:
        self._root, self._files, self._wanted = root.resolve(), files, experiments
        self.place = str(self._root)

    @cached_property
    def _mark(self) -> str:
        digest = hashlib.sha256(repr(sorted(self._wanted)).encode())
        for place, below, names in os.walk(self._root):
            below.sort()
            for name in sorted(names):
                path = Path(place, name)
                with contextlib.suppress(OSError):  # which is told where the file is read
                    found = path.lstat()
                    line = f"{path.relative_to(self._root)} {found.st_size} {found.st_mtime_ns}\n"
                    digest.update(line.encode(errors="surrogateescape"))
        return digest.hexdigest()

    def fingerprint(self) -> str:
        """Of the names, sizes and times of all files."""
        return self._mark

    def examine(self) -> Iterator[Problem | Progress]:
        """That it is a file store, and which parts of it are not read."""
        yield Progress("reading the folder", 0)
        try:
            self._require_experiments()
        except UnreadableError as error:
            yield Problem(shown(self.place), error.cause, error.cure, kind="source")
            return
        for name in links(self._root):
            yield Problem(shown(name), "It is a link, which is not followed.", "Import its folder.", LEFT_OUT)
        for name in folders(self._root):
            if name.isdigit() and not _has_meta(self._root / name):
                cause = f"It has no {META}, so it is no experiment of this store."
                yield Problem(name, cause, "Import the database that its artifacts belong to.", LEFT_OUT)
        for place in self._wanted_places:
            with contextlib.suppress(UnreadableError):  # which is told of its runs
                if number := len(folders(place / "traces")):
                    cause = f"{number:,} traces are left out."
                    yield Problem(f"{place.name}/traces", cause, "They stay in MLflow.", LEFT_OUT)

    def experiments(self) -> Iterator[ImportedExperiment | Problem]:
        """All experiments, or those that are wanted; the deleted ones are in the bin."""
        for path in self._wanted_places:
            place = self._called(path)
            made = attempt("experiment", place, path.name, partial(_experiment, path, place))
            if isinstance(made, Problem) or made.experiment_id is None or not _is_empty(path):
                yield made  # the default one that nobody used stays away

    def datasets(self) -> Iterator[ImportedDataset | Problem]:
        """All datasets of the experiments."""
        for path in self._inside("dataset", "datasets"):
            if isinstance(path, Problem):
                yield path
                continue
            place, source_id = self._called(path), f"{path.parent.parent.name}/{path.name}"
            yield attempt("dataset", place, source_id, partial(_dataset, path, source_id, place))

    def runs(self) -> Iterator[ImportedRun | Problem]:
        """All runs of the experiments."""
        for path in self._inside("run", "."):
            if isinstance(path, Problem):
                yield path
            elif path.name not in NOT_RUNS and (HEX_ID.fullmatch(path.name) or _has_meta(path)):
                place, found = self._called(path), self._of(path)
                yield from left_out(place, found.left_out)
                yield attempt("run", place, path.name, partial(_run, path, found, place))

    def logged_models(self) -> Iterator[ImportedLoggedModel | Problem]:
        """All logged models of the experiments (MLflow 3)."""
        for path in self._inside("logged_model", MODELS):
            if isinstance(path, Problem):
                yield path
                continue
            place, found = self._called(path), self._of(path)
            yield from left_out(place, found.left_out)
            yield attempt("logged_model", place, path.name, partial(_logged_model, path, found, place))

    def registered_models(self) -> Iterator[ImportedRegisteredModel | Problem]:
        """All registered models; of wanted experiments, those with a version that was made there."""
        for path in _below(self._root / MODELS):  # experiments are beside it, so it can be read
            place = self._called(path)
            made = attempt("registered_model", place, path.name, partial(_registered_model, path, place))
            if isinstance(made, Problem) or not self._wanted or self._is_made_there(made):
                yield made

    @cached_property
    def _wanted_places(self) -> list[Path]:
        every = [*_below(self._root), *_below(self._root / BIN)]
        found = [path for path in every if path.name != MODELS and _has_meta(path)]
        return [path for path in found if not self._wanted or _name(path) in self._wanted]

    def _inside(self, kind: str, name: str) -> Iterator[Path | Problem]:
        """The folders in a folder of each experiment; one that can't be read is told."""
        for experiment in self._wanted_places:
            found = attempt(kind, self._called(experiment), "", partial(_below, experiment / name))
            yield from [found] if isinstance(found, Problem) else found

    def _require_experiments(self) -> None:
        if not self._wanted_places and not self._wanted:
            raise UnreadableError(
                "There is no experiment in this folder, so it is no file store of MLflow's.",
                "Give the folder `mlruns` itself; or, where MLflow has a database, give that.",
            )
        there = {_name(path) for path in self._wanted_places}
        if unknown := sorted(set(self._wanted) - there):
            raise UnreadableError(
                f"There is no experiment named {', '.join(map(repr, unknown))}.", "Correct --experiment."
            )

    def _is_made_there(self, model: ImportedRegisteredModel) -> bool:
        runs = [version.run_source_id for version in model.versions if version.run_source_id]
        return any(_has_meta(place / run) for run in runs for place in self._wanted_places)

    def _of(self, path: Path) -> FoundFiles:
        """The files of a run or a logged model: in its own folder, unless it says otherwise."""
        own = path / "artifacts"
        try:
            if is_folder(own):
                return self._files.of(str(own), "")
            row = meta(path)
            uri = values.text(row, "artifact_uri") or values.text(row, "artifact_location")
        except (OSError, UnreadableError):
            return FoundFiles()  # the record itself is refused
        return self._files.of(uri, str(own.relative_to(self._root)))

    def _called(self, path: Path) -> str:
        return shown(path.relative_to(self._root))


def _below(place: Path) -> list[Path]:
    return [place / name for name in folders(place)]


def _has_meta(path: Path) -> bool:
    """Whether there is one, be it readable or not."""
    try:
        (path / META).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _is_empty(experiment: Path) -> bool:
    return not [name for name in folders(experiment) if name not in NOT_RUNS]


def _name(path: Path) -> str:
    try:
        return values.text(meta(path), "name")
    except UnreadableError:
        return ""


def _experiment(path: Path, place: str) -> ImportedExperiment:
    row = folder_rows.experiment_row(path)
    return building.experiment_record(row, tags=texts(path / "tags"), place=place)


def _dataset(path: Path, source_id: str, place: str) -> ImportedDataset:
    return building.dataset_record(folder_rows.dataset_row(path), source_id=source_id, place=place)


def _run(path: Path, found: FoundFiles, place: str) -> ImportedRun:
    read = list(folder_rows.inputs(path))
    return building.run_record(
        folder_rows.run_row(path),
        params=texts(path / "params"),
        tags=texts(path / "tags"),
        metrics=folder_rows.samples(path / "metrics"),
        inputs=[each for each in read if isinstance(each, ImportedInput)],
        models=[each for each in read if isinstance(each, ImportedModelLink)],
        artifacts=found.files,
        place=place,
    )


def _logged_model(path: Path, found: FoundFiles, place: str) -> ImportedLoggedModel:
    return building.logged_model_record(
        folder_rows.logged_model_row(path),
        params=texts(path / "params"),
        tags=texts(path / "tags"),
        scores=list(folder_rows.scores(path / "metrics")),
        artifacts=found.files,
        place=place,
    )


def _registered_model(path: Path, place: str) -> ImportedRegisteredModel:
    places = [each for each in _below(path) if each.name.startswith("version-")]
    rows = [(each, folder_rows.registered_row(each)) for each in places]
    versions = [
        building.version_record(row, tags=texts(each / "tags"))
        for each, row in rows
        if row.get("current_stage") != building.DELETED_VERSION
    ]
    return building.registered_model_record(
        folder_rows.registered_row(path),
        tags=texts(path / "tags"),
        versions=sorted(versions, key=lambda version: version.number),
        aliases=texts(path / "aliases"),
        place=place,
    )
