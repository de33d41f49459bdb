"""A database of MLflow's as a source: whatever version wrote it, by the columns that are there."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property, partial

from registry.imports.records import (
    LEFT_OUT,
    ImportedDataset,
    ImportedExperiment,
    ImportedLoggedModel,
    ImportedModelScore,
    ImportedRegisteredModel,
    ImportedRun,
    Problem,
    Progress,
)

from . import building, values
from .artifact_folders import ArtifactFolders, FoundFiles
from .attempts import attempt, left_out
from .database_rows import DatabaseRows, RunRows, Texts
from .tables import Row, Tables
from .values import UnreadableError

PAGE = 200
NEEDED = ("alembic_version", "experiments", "runs", "metrics", "params", "tags")
NOT_TAKEN = {
    "trace_info": "traces", "assessments": "assessments", "evaluation_datasets": "evaluation datasets",
    "scorers": "scorers", "webhooks": "webhooks", "endpoints": "gateway endpoints",
    "mcp_servers": "MCP servers", "review_queues": "review queues", "issues": "issues",
}  # fmt: skip
NAMED = ("workspace", "name")
SCORES = """
SELECT run_id, metric_name, metric_value, metric_step, metric_timestamp_ms, dataset_name, dataset_digest
FROM logged_model_metrics WHERE model_id = ?
"""


class MlflowDatabase:
    """The tables of MLflow's tracking server and model registry.

    Args:
        place: the address, without a password.
        experiments: names of those that are wanted; all where there are none.
    """

    kind = "mlflow"

    def __init__(
        self, tables: Tables, *, place: str, folders: ArtifactFolders, experiments: Sequence[str] = ()
    ) -> None:
        self.place = place
        self._tables, self._folders, self._wanted = tables, folders, experiments
        self._there = DatabaseRows(tables, experiments)

    @cached_property
    def _mark(self) -> str:
        digest = hashlib.sha256(repr(sorted(self._wanted)).encode())
        for table, columns in sorted(self._tables.columns.items()):
            moments = sorted(name for name in columns if name.endswith(("_time", "timestamp")))
            asked = ", ".join(["count(*)", *(f'max("{name}")' for name in moments)])
            for row in self._tables.tuples(f'SELECT {asked} FROM "{table}"'):  # noqa: S608 (its own names)
                digest.update(f"{table} {row}\n".encode())
        return digest.hexdigest()

    def fingerprint(self) -> str:
        """Of the number of rows in each table, and of the latest moments in them."""
        try:
            return self._mark
        except UnreadableError as error:  # which is told when the source is examined
            return hashlib.sha256(str(error).encode()).hexdigest()

    def examine(self) -> Iterator[Problem | Progress]:
        """That it is a database of MLflow's, and whole; and what of it has no place here."""
        yield Progress("reading the database", 0)
        try:
            self._require_tables()
            self._tables.check()
            self._require_experiments()
        except UnreadableError as error:
            yield Problem(self.place, error.cause, error.cure, kind="source")
            return
        for table, name in NOT_TAKEN.items():
            if number := self._there.count(table):
                yield Problem(table, f"{number:,} {name} are left out.", "They stay in MLflow.", LEFT_OUT)

    def experiments(self) -> Iterator[ImportedExperiment | Problem]:
        """All experiments, or those that are wanted."""
        tags = self._there.texts("experiment_tags", "experiment_id")
        for row in self._there.experiments():
            if building.is_default(row) and self._there.is_empty(row):
                continue  # MLflow made it, nobody used it
            source_id = str(row["experiment_id"])
            place = f"experiment {source_id}"
            make = partial(building.experiment_record, row, tags=tags(source_id), place=place)
            yield attempt("experiment", place, source_id, make)

    def datasets(self) -> Iterator[ImportedDataset | Problem]:
        """All datasets of the experiments."""
        for row in self._there.of_experiments("datasets", "experiment_id, name, digest"):
            source_id = str(row["dataset_uuid"])
            place = f"dataset {source_id}"
            make = partial(building.dataset_record, row, source_id=source_id, place=place)
            yield attempt("dataset", place, source_id, make)

    def runs(self) -> Iterator[ImportedRun | Problem]:
        """All runs of the experiments in the order of their ids, read some hundreds at a time."""
        ids = self._there.run_ids()
        for start in range(0, len(ids), PAGE):
            page = RunRows(self._tables, ids[start : start + PAGE])
            for row in page.runs:
                place = f"run {row['run_uuid']}"
                found = self._files(row, "artifact_uri", f"{row['run_uuid']}")
                yield from left_out(place, found.left_out)
                make = partial(_run, row, page, found, place)
                yield attempt("run", place, str(row["run_uuid"]), make)

    def logged_models(self) -> Iterator[ImportedLoggedModel | Problem]:
        """All logged models of the experiments (MLflow 3)."""
        params = self._there.texts("logged_model_params", "model_id", key="param_key", value="param_value")
        tags = self._there.texts("logged_model_tags", "model_id", key="tag_key", value="tag_value")
        for row in self._there.of_experiments("logged_models", "model_id"):
            source_id = str(row["model_id"])
            place = f"logged model {source_id}"
            found = self._files(row, "artifact_location", f"models/{source_id}")
            yield from left_out(place, found.left_out)
            make = partial(self._logged_model, row, params(source_id), tags(source_id), found, place)
            yield attempt("logged_model", place, source_id, make)

    def registered_models(self) -> Iterator[ImportedRegisteredModel | Problem]:
        """All registered models; of wanted experiments, those with a version that was made there."""
        versions = self._there.grouped("model_versions", *NAMED)
        tags, aliases = (
            self._there.texts("registered_model_tags", *NAMED),
            self._there.texts("registered_model_aliases", *NAMED, key="alias", value="version"),
        )
        runs = set(self._there.run_ids()) if self._wanted else None
        for row in self._there.rows("registered_models", "name"):
            named = [row.get(column) for column in NAMED]
            mine = versions(*named)
            if runs is None or any(each.get("run_id") in runs for each in mine):
                place = f"registered model {row['name']}"
                make = partial(self._registered_model, row, mine, tags(*named), aliases(*named), place)
                yield attempt("registered_model", place, str(row["name"]), make)

    def _files(self, row: Row, column: str, tail: str) -> FoundFiles:
        uri = row.get(column)
        return self._folders.of(
            uri if isinstance(uri, str) else "", f"{row.get('experiment_id')}/{tail}/artifacts"
        )

    def _logged_model(
        self, row: Row, params: Texts, tags: Texts, found: FoundFiles, place: str
    ) -> ImportedLoggedModel:
        scores = [
            ImportedModelScore(
                run_source_id=values.checked_text(run_id, where="run_id"),
                key=values.checked_text(key, where="metric_name"),
                value=values.number(value, where=f"the metric {key}"),
                step=values.whole(step, where="metric_step"),
                timestamp_ms=values.whole(at, where="metric_timestamp_ms"),
                dataset_name=values.checked_text(name, where="dataset_name"),
                dataset_digest=values.checked_text(digest, where="dataset_digest"),
            )
            for run_id, key, value, step, at, name, digest in self._tables.tuples(SCORES, [row["model_id"]])
        ]
        return building.logged_model_record(
            row, params=params, tags=tags, scores=scores, artifacts=found.files, place=place
        )

    def _registered_model(
        self, row: Row, versions: Sequence[Row], tags: Texts, aliases: Texts, place: str
    ) -> ImportedRegisteredModel:
        tagged = self._there.texts("model_version_tags", *NAMED, "version")
        named = [row.get(column) for column in NAMED]
        made = [
            building.version_record(each, tags=tagged(*named, each["version"]))
            for each in versions
            if each.get("current_stage") != building.DELETED_VERSION
        ]
        return building.registered_model_record(row, tags=tags, versions=made, aliases=aliases, place=place)

    def _require_tables(self) -> None:
        if missing := [table for table in NEEDED if table not in self._tables.columns]:
            raise UnreadableError(
                f"This is no database of MLflow's: it has no table {', '.join(missing)}.",
                "Give the one that `mlflow server --backend-store-uri` names.",
            )

    def _require_experiments(self) -> None:
        there = {str(row["name"]) for row in self._there.rows("experiments")}
        if unknown := sorted(set(self._wanted) - there):
            raise UnreadableError(
                f"There is no experiment named {', '.join(map(repr, unknown))}.",
                f"There are {', '.join(sorted(there)[:20])}.",
            )


def _run(row: Row, page: RunRows, found: FoundFiles, place: str) -> ImportedRun:
    run_id = row["run_uuid"]
    return building.run_record(
        row,
        params=page.params(run_id),
        tags=page.tags(run_id),
        metrics=page.metrics(run_id),
        inputs=page.inputs(run_id),
        models=page.models(run_id),
        artifacts=found.files,
        place=place,
    )
