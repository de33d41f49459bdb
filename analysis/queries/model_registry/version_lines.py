"""Versions of a model as its page lists them."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Concat, JSONObject
from django.db.models.lookups import IsNull
from django.db.models.query import QuerySet

from analysis.queries.model_registry.scores import scores_of
from registry.enums import DeploymentStatus, ModelVersionStatus
from registry.models import (
    Artifact,
    Deployment,
    ModelAlias,
    ModelVersion,
    RegisteredModel,
)
from registry.queries.model_permissions import editable_versions
from registry.queries.model_versions import BIGGEST
from registry.queries.permissions import visible_by_owner

PAGE_SIZE = 50
NO_FILES = {"count": 0, "bytes": 0}
FOLDER = Case(When(artifact_path="", then=Value("")), default=Concat("artifact_path", Value("/")))


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version with where it comes from and where it stands.

    Attributes:
        live: The environments in which it answers.
        scores: Metric → latest value of its run.
        may_edit: Whether the viewer may move it.
    """

    number: int
    description: str
    stage: str
    status: str
    status_message: str
    run_id: str
    run_name: str
    experiment: str
    experiment_id: str
    dataset: str
    file_count: int
    size_bytes: int
    created_at: dt.datetime
    created_by: str
    aliases: list[str]
    live: list[str]
    may_edit: bool
    scores: dict[str, float] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        """Whether it can be deployed."""
        return self.status == ModelVersionStatus.READY


def version_lines(
    model: RegisteredModel, *, viewer: User, before: int | None = None
) -> tuple[list[VersionLine], int | None]:
    """The newest versions that the viewer may know of, and where the next page begins (two statements).

    Args:
        before: Only versions with a lower number.
    """
    rows = described(ModelVersion.objects.filter(model=model), viewer).order_by("-number")
    if before is not None:
        rows = rows.filter(number__lt=min(max(before, 0), BIGGEST))
    found = list(rows[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    scores = scores_of([each.run_id for each in shown if each.run_id])
    lines = [line_of(each, scores.get(each.run_id or 0, {})) for each in shown]
    return lines, shown[-1].number if len(found) > PAGE_SIZE else None


def described(rows: QuerySet[ModelVersion], viewer: User) -> QuerySet[Any]:
    """The versions that the viewer may know of, with all that their lines tell."""
    aliases = ModelAlias.objects.filter(version=OuterRef("pk")).order_by("alias").values("alias")
    live = Deployment.objects.filter(version=OuterRef("pk"), status=DeploymentStatus.LIVE)
    rows = rows.filter(visible_by_owner(viewer)).select_related(
        "model", "run__experiment", "run__dataset", "logged_model__experiment", "created_by"
    )
    return rows.annotate(
        alias_names=ArraySubquery(aliases),
        live_in=ArraySubquery(live.order_by("environment").values("environment")),
        folder=FOLDER,
        files=Subquery(_files()),
        may_edit=Case(When(editable_versions(viewer), then=Value(True)), default=Value(False)),
    )


def line_of(version: Any, scores: dict[str, float]) -> VersionLine:
    """The line of a version that :func:`described` found."""
    run, owner = version.run, version.logged_model or version.run
    files = version.files or NO_FILES
    return VersionLine(
        number=version.number,
        description=version.description,
        stage=version.stage,
        status=version.status,
        status_message=version.status_message,
        run_id=run.run_id if run else "",
        run_name=run.name if run else "",
        experiment=owner.experiment.name if owner else "",
        experiment_id=owner.experiment.experiment_id if owner else "",
        dataset=run.dataset.name if run and run.dataset else "",
        file_count=files["count"],
        size_bytes=files["bytes"],
        created_at=version.created_at,
        created_by=version.created_by.get_username() if version.created_by else "",
        aliases=version.alias_names,
        live=version.live_in,
        may_edit=version.may_edit,
        scores=scores,
    )


def _files() -> QuerySet[Any]:
    """Number and bytes of the files of the version around this query, as ``version_files`` finds them."""
    path, folder = OuterRef("artifact_path"), OuterRef("folder")
    of_run = Q(run=OuterRef("run")) & Q(IsNull(OuterRef("logged_model"), True))
    owned = Artifact.objects.filter(Q(logged_model=OuterRef("logged_model")) | of_run)
    return (
        owned.filter(Q(path=path) | Q(path__startswith=folder))
        .order_by()
        .annotate(every=Value(1))
        .values("every")
        .annotate(told=JSONObject(count=Count("pk"), bytes=Sum("size_bytes")))
        .values("told")
    )
