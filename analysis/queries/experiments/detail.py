"""Everything that the page of one experiment shows."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import F, Value

from analysis.queries.body_tree import BodyTree, body_tree
from analysis.queries.experiments.figures import ExperimentFigures, experiment_figures
from analysis.queries.experiments.varied_params import VariedParam, varied_params
from analysis.queries.run_sample import GroupLine, SampledRun, grouped, latest_runs, progress
from registry.documents import plain
from registry.documents.store import at_most
from registry.exceptions import NotFoundError, StoreUnavailableError
from registry.models import Experiment, ExperimentPermission, TrainingRun
from registry.models.run import RunQuerySet
from registry.queries.documents import document
from registry.queries.permissions import LIFECYCLE_LEVEL, experiment_with_id, reaches
from registry.sync.bodies import read_bodies

BODY_SECONDS = 2.0
BEST = 10
NOT_CONTENT = ("_id", "v", "ck", "b")
Level = ExperimentPermission.Level
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ExperimentBodyPart:
    """What MongoDB has of the experiment; ``state`` is ``in sync``, ``lagging``, ``missing`` or ``down``."""

    state: str
    version: int
    tree: BodyTree | None = None


@dataclass(frozen=True, slots=True)
class ExperimentDetail:
    """One experiment, whole.

    Attributes:
        permissions: User and level of everyone with one of their own; None where that is not the viewer's
            to know.
        runs: The latest 1,000.
        progress: Those that finished with an accuracy, oldest first, with the best so far.
        best: The most accurate of all that finished.
    """

    experiment: Experiment
    figures: ExperimentFigures
    tags: Pairs
    permissions: Pairs | None
    runs: list[SampledRun]
    progress: list[tuple[SampledRun, float]]
    best: list[TrainingRun]
    datasets: list[GroupLine]
    frameworks: list[GroupLine]
    varied: list[VariedParam]
    body: ExperimentBodyPart

    @property
    def may_edit(self) -> bool:
        """Whether the viewer may change the description."""
        return reaches(self.figures.level, Level.EDIT)

    @property
    def may_manage(self) -> bool:
        """Whether the viewer may archive and restore it."""
        return reaches(self.figures.level, LIFECYCLE_LEVEL)


def experiment_detail(experiment_id: str, *, viewer: User) -> ExperimentDetail:
    """An experiment with all its parts (six statements, one read of MongoDB of at most 2 s).

    MongoDB being away costs one statement more, for PostgreSQL's own copy of the body.

    Raises:
        NotFoundError: There is no such experiment that the viewer may read.
    """
    experiment = experiment_with_id(viewer, experiment_id)
    figures = experiment_figures([experiment.pk], viewer=viewer)[experiment.pk]
    tags, permissions = _tags_and_permissions(experiment)
    runs = latest_runs(_runs(experiment))
    return ExperimentDetail(
        experiment=experiment,
        figures=figures,
        tags=tags,
        permissions=permissions if figures.level == Level.MANAGE else None,
        runs=runs,
        progress=progress(runs),
        best=_best(experiment),
        datasets=grouped(runs, lambda run: run.dataset),
        frameworks=grouped(runs, lambda run: run.framework),
        varied=varied_params([run.pk for run in runs]),
        body=_body(experiment),
    )


def _runs(experiment: Experiment) -> RunQuerySet:
    return TrainingRun.objects.filter(experiment=experiment)


def _best(experiment: Experiment) -> list[TrainingRun]:
    """``run_by_experiment_accuracy`` leads to them, however many runs there are."""
    scored = _runs(experiment).active().finished().filter(accuracy__isnull=False)
    order = F("accuracy").desc(nulls_last=True), F("pk").desc()
    return list(scored.select_related("dataset").order_by(*order)[:BEST])


def _tags_and_permissions(experiment: Experiment) -> tuple[Pairs, Pairs]:
    """Both by name, in one statement."""
    tags = experiment.tags.order_by().values_list(Value("tag"), "key", "value")
    users = experiment.permissions.order_by().values_list(Value("user"), F("user__username"), "level")
    found = sorted(tags.union(users, all=True))
    return (
        [(key, value) for kind, key, value in found if kind == "tag"],
        [(name, Level(level).label) for kind, name, level in found if kind == "user"],
    )


def _body(experiment: Experiment) -> ExperimentBodyPart:
    try:
        with at_most(BODY_SECONDS):
            found = document("experiments", experiment.experiment_id)
    except NotFoundError:
        return ExperimentBodyPart("missing", 0, _copy(experiment))
    except StoreUnavailableError:
        return ExperimentBodyPart("down", experiment.body_version, _copy(experiment))
    state = "in sync" if found["v"] >= experiment.version else "lagging"
    shown = {key: value for key, value in found.items() if key not in NOT_CONTENT}
    return ExperimentBodyPart(state, found["v"], body_tree(shown))


def _copy(experiment: Experiment) -> BodyTree | None:
    """The body as PostgreSQL keeps it."""
    keys = [("experiments", experiment.experiment_id)]
    kept = [body for bodies in read_bodies(keys) for body in bodies]
    return body_tree(dict(plain.decode(kept[0].content))) if kept else None
