"""What a dataset was made from, and what was made from it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F, Value

from analysis.queries.run_sample import SampledRun, score_of
from registry.enums import DeploymentStatus
from registry.models import Dataset, DatasetParent, ExperimentPermission
from registry.queries.model_versions import JOINS
from registry.queries.permission_sql import permission_sql

COUNT_UP_TO = 1_000

# A version's files are a run's or a logged model's, which came from a run.
VERSIONS = f"""
SELECT m.name, v.number, replace(made.run_id::text, '-', ''), made.name,
       (SELECT coalesce(json_agg(p.environment ORDER BY p.environment), '[]') FROM registry_deployment p
        WHERE p.version_id = v.id AND p.status = %(live)s)
FROM {JOINS} JOIN registry_trainingrun made ON made.id = coalesce(v.run_id, g.source_run_id)
WHERE made.dataset_id = %(dataset)s AND {{may}}
ORDER BY v.created_at DESC, v.id DESC LIMIT %(most)s
"""  # noqa: S608 (made of constants)


@dataclass(frozen=True, slots=True)
class LineageVersion:
    """A version of a registered model, the run that made it, and the environments where it is live."""

    model: str
    number: int
    run_id: str
    run_name: str
    environments: list[str]


@dataclass(frozen=True, slots=True)
class Lineage:
    """A dataset's neighbours that the viewer may know of; each list whole, or its first 1,000.

    Attributes:
        runs: Id and name, those that models came from first, then the best.
    """

    parents: list[str]
    children: list[str]
    runs: list[tuple[str, str]]
    versions: list[LineageVersion]

    @property
    def is_alone(self) -> bool:
        """Whether nothing is known of where it comes from or what came of it."""
        return not (self.parents or self.children or self.runs)


def lineage(dataset: Dataset, runs: Sequence[SampledRun], *, viewer: User) -> Lineage:
    """The neighbours of a dataset (two statements).

    Args:
        runs: The latest runs on it that the viewer may read.
    """
    parents, children = _datasets(dataset)
    versions = _versions(dataset, viewer)
    best = sorted(runs, key=lambda run: (-score_of(run), -run.pk))
    named = {version.run_id: version.run_name for version in versions}
    named |= {run.run_id: run.name for run in best if run.run_id not in named}
    return Lineage(parents, children, list(named.items()), versions)


def _datasets(dataset: Dataset) -> tuple[list[str], list[str]]:
    """Parents and children by name, in one statement."""
    parents = DatasetParent.objects.filter(child=dataset).values_list(Value("parent"), F("parent__name"))
    children = DatasetParent.objects.filter(parent=dataset).values_list(Value("child"), F("child__name"))
    most = COUNT_UP_TO
    found = parents.order_by("parent__name")[:most].union(children.order_by("child__name")[:most], all=True)
    links = sorted(found)
    return (
        [name for side, name in links if side == "parent"],
        [name for side, name in links if side == "child"],
    )


def _versions(dataset: Dataset, viewer: User) -> list[LineageVersion]:
    may, values = permission_sql(viewer, ExperimentPermission.Level.READ)
    values = dict(values) | {"dataset": dataset.pk, "most": COUNT_UP_TO, "live": DeploymentStatus.LIVE}
    with connection.cursor() as cursor:
        cursor.execute(VERSIONS.format(may=may), values)
        return [LineageVersion(*row) for row in cursor.fetchall()]
