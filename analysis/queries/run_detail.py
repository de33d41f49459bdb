"""Everything the page of one run shows, from PostgreSQL, MongoDB and the disk."""

from contextlib import suppress
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import Value

from analysis.queries.artifact_previews import ArtifactView, artifact_views
from analysis.queries.body_tree import BodyTree, body_tree
from analysis.queries.run_models import ModelLine, models_of
from registry.documents.store import at_most
from registry.exceptions import NotFoundError, StoreUnavailableError
from registry.models import Metric, TrainingRun
from registry.queries.archived_points import ArchivedNote, archived_notes
from registry.queries.permissions import visible_to
from registry.sync.run_bodies import LogEntry, kept_body, run_body
from registry.sync.run_notes.notes import run_notes

BODY_SECONDS = 2.0
MOST_NOTES = 100


@dataclass(frozen=True, slots=True)
class BodyPart:
    """What MongoDB has of the run.

    Attributes:
        state: ``in sync``, ``lagging``, ``missing`` or ``down``.
        version: The version in MongoDB, 0 for none.
        wanted_version: The version in PostgreSQL.
        waiting: How many changes wait in the outbox.
        problem: Why the body can't be shown, else empty.
    """

    state: str
    version: int
    wanted_version: int
    waiting: int = 0
    tree: BodyTree | None = None
    notes: list[LogEntry] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What moves while a run goes on, all of it from PostgreSQL; not the curves, which are large."""

    run: TrainingRun
    params: list[tuple[str, str]]
    metrics: list[Metric]
    tags: list[tuple[str, str]]
    model_versions: list[tuple[str, int]]
    artifact_count: int


@dataclass(frozen=True, slots=True)
class RunDetail:
    """One run, whole."""

    record: RunRecord
    artifacts: list[ArtifactView]
    models: list[ModelLine]
    body: BodyPart
    archives: list[ArchivedNote]


def run_record(run_id: str, *, viewer: User | None = None) -> RunRecord:
    """A run as PostgreSQL has it now (five statements).

    Args:
        viewer: Who must be allowed to read it; None where that was asked before.

    Raises:
        NotFoundError: There is no such run that the viewer may read.
    """
    runs = TrainingRun.objects.select_related("experiment", "dataset", "parent", "created_by")
    if viewer is not None:
        runs = runs.filter(visible_to(viewer, experiment="experiment"))
    run = runs.filter(run_id=run_id).first()
    if run is None:
        raise NotFoundError(f"There is no run with id {run_id!r}.")
    params, tags = _params_and_tags(run)
    return RunRecord(
        run=run,
        params=params,
        metrics=list(run.metrics.all()),
        tags=tags,
        model_versions=list(run.model_versions.values_list("model__name", "number")),
        artifact_count=run.artifacts.count(),
    )


def run_detail(run_id: str, *, viewer: User) -> RunDetail:
    """A run with all its parts (ten statements, two reads of MongoDB of at most 2 s).

    MongoDB being away is told in ``body``; everything else is there nevertheless.

    Raises:
        NotFoundError: There is no such run that the viewer may read.
    """
    record = run_record(run_id, viewer=viewer)
    return RunDetail(
        record=record,
        artifacts=artifact_views(record.run.artifacts.all()),
        models=models_of(record.run),
        body=_body(record.run),
        archives=archived_notes(record.run.pk),
    )


def _params_and_tags(run: TrainingRun) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Both by key, in one statement."""
    params, tags = (
        rows.order_by().annotate(is_tag=Value(is_tag)).values_list("is_tag", "key", "value")
        for is_tag, rows in ((False, run.params), (True, run.tags))
    )
    found = list(params.union(tags, all=True).order_by("key"))
    return (
        [(key, value) for is_tag, key, value in found if not is_tag],
        [(key, value) for is_tag, key, value in found if is_tag],
    )


def _body(run: TrainingRun) -> BodyPart:
    with at_most(BODY_SECONDS):
        try:
            found = run_body(run)
            notes = run_notes(run, query="run_page", limit=MOST_NOTES, is_delivered=True)
        except StoreUnavailableError as error:
            return _down(run, error)
    if found.body is None:
        return BodyPart("missing", 0, run.version, found.waiting, _copy(run), notes)
    state = "in sync" if found.is_current else "lagging"
    return BodyPart(state, found.version, found.wanted_version, found.waiting, body_tree(found.body), notes)


def _down(run: TrainingRun, error: StoreUnavailableError) -> BodyPart:
    """Without MongoDB; notes are there where they have moved to PostgreSQL."""
    notes: list[LogEntry] = []
    with suppress(StoreUnavailableError):
        notes = run_notes(run, query="run_page", limit=MOST_NOTES, is_delivered=True)
    tree = _copy(run)
    return BodyPart("down", run.body_version, run.version, tree=tree, notes=notes, problem=str(error))


def _copy(run: TrainingRun) -> BodyTree | None:
    """The body as PostgreSQL keeps it."""
    kept = kept_body(run.run_id)
    return body_tree(kept) if kept is not None else None
