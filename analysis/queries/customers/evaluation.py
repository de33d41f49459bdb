"""What a run measured and drew."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.urls import reverse

from analysis.queries.artifact_previews import IMAGES
from registry.models import Artifact, Metric, ModelVersion, TrainingRun
from registry.models.run import RunQuerySet
from registry.queries.permissions import visible_to

NO_RUN = "0" * 32
PICTURE, METRIC = "picture", "metric"


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture that the run logged."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class RunLink:
    """A run, and the newest model version made of it (empty where there is none)."""

    name: str
    address: str
    version: str
    version_address: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One run with what it measured; ``figures`` by key."""

    run: RunLink
    figures: dict[str, float]
    plots: list[Plot]


class RunRow(NamedTuple):
    """A run with the newest model version made of it."""

    pk: int
    run_id: str
    name: str
    experiment: int
    model: str | None
    number: int | None

    @property
    def link(self) -> RunLink:
        """As a page names it."""
        version = self.model, self.number
        return RunLink(
            name=self.name or self.run_id[:8],
            address=reverse("analysis:run-detail", args=[self.run_id]),
            version=f"{self.model} {self.number}" if self.model else "",
            version_address=reverse("analysis:model-version", args=version) if self.model else "",
        )


def evaluation_of(viewer: User, run_id: str) -> Evaluation | None:
    """Of one run; None where there is none that the viewer may read (two statements)."""
    return next(iter(evaluations(run_rows(visible_runs(viewer).filter(run_id=run_id)))), None)


def visible_runs(viewer: User) -> RunQuerySet:
    """Those that the viewer may read."""
    return TrainingRun.objects.filter(visible_to(viewer, experiment="experiment"))


def run_rows(runs: QuerySet[TrainingRun]) -> list[RunRow]:
    """A row for each, with its version (one statement)."""
    versions = ModelVersion.objects.filter(run=OuterRef("pk")).order_by("-pk")
    model = Subquery(versions.values("model__name")[:1])
    number = Subquery(versions.values("number")[:1])
    return [RunRow(*row) for row in runs.values_list("pk", "run_id", "name", "experiment_id", model, number)]


def evaluations(runs: Sequence[RunRow]) -> list[Evaluation]:
    """Of each, in their order; pictures by path (one statement, none for no runs)."""
    found = {run.pk: Evaluation(run.link, {}, []) for run in runs}
    pictures = Artifact.objects.filter(run__in=found, media_type__in=IMAGES).order_by()
    metrics = Metric.objects.filter(run__in=found).order_by()
    rows = pictures.values_list("run_id", Value(PICTURE), "path", Value(0.0)).union(
        metrics.values_list("run_id", Value(METRIC), "key", "latest_value"), all=True
    )
    of_run = {run.pk: run.run_id for run in runs}
    for pk, what, name, value in sorted(rows, key=itemgetter(0, 1, 2)):
        if what == PICTURE:
            found[pk].plots.append(_plot(of_run[pk], name))
        else:
            found[pk].figures[name] = value
    return list(found.values())


def _plot(run_id: str, path: str) -> Plot:
    title = path.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("_", " ").replace("-", " ")
    return Plot(title.capitalize(), reverse("analysis:run-artifact", args=[run_id, path]))
