"""Everything the page of one version of a registered model shows."""

import math
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from analysis.queries.model_registry.metrics_offered import is_higher_better
from analysis.queries.model_registry.model_card import ModelCard, model_card
from analysis.queries.model_registry.places import Live, Place, places
from analysis.queries.model_registry.promotions import promotions
from analysis.queries.model_registry.scores import keys_of, scores_of
from analysis.queries.model_registry.timeline import Moment, timeline
from analysis.queries.model_registry.version_lines import VersionLine, described, line_of
from features.queries.served_versions import FEATURES_TAG
from registry.enums import Environment
from registry.models import Artifact, ModelVersion, ModelVersionTag, TrainingRun
from registry.queries.model_versions import BIGGEST, no_version
from registry.queries.permissions import visible_by_owner
from registry.queries.version_files import version_files

MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class MetricLine:
    """A metric of the version beside that of the live one.

    Attributes:
        difference: To the live one; None where one of them has no finite value.
        verdict: ``better``, ``worse``, ``same``, or empty where nobody knows.
    """

    key: str
    value: float | None
    live_value: float | None
    difference: float | None
    verdict: str
    is_higher_better: bool | None


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One version.

    Attributes:
        base: The live version that it is compared with, and where that is live; None where there is none.
        features: Feature view → the features that the version reads of it, as its tag ``features`` has them.
        is_of_run: Whether the files are the run's, else a logged model's.
    """

    name: str
    line: VersionLine
    tags: list[tuple[str, str]]
    features: list[tuple[str, list[str]]]
    source: str
    run: TrainingRun | None
    base: tuple[str, Live] | None
    metrics: list[MetricLine]
    files: list[Artifact]
    is_of_run: bool
    card: ModelCard | None
    places: list[Place]
    moments: list[Moment]
    has_earlier: bool

    @property
    def has_more_files(self) -> bool:
        """Whether files are left out."""
        return self.line.file_count > len(self.files)


def version_page(name: str, number: int, *, viewer: User) -> VersionPage:
    """A version (six statements, and the file ``MLmodel`` where it has one).

    Raises:
        NotFoundError: There is none, or none that the viewer may know of.
    """
    version = _found(name, number, viewer)
    told, has_earlier = timeline(version.model, viewer=viewer, version=version)
    here = places(version.model, viewer=viewer, under_way=promotions(name))
    base = _base(here, number)
    runs = [each for each in (version.run_id, base and base[1].run) if each]
    scores = scores_of(runs)
    files = list(version_files(version).order_by("path")[:MOST_FILES])
    own = scores.get(version.run_id or 0, {})
    tags = [(each["key"], each["value"]) for each in version.told_tags]
    return VersionPage(
        name=name,
        line=line_of(version, own),
        tags=[pair for pair in tags if pair[0] != FEATURES_TAG],
        features=_by_view(dict(tags).get(FEATURES_TAG, "")),
        source=version.source,
        run=version.run,
        base=base,
        metrics=_metrics(own, scores.get(base[1].run or 0, {}) if base else {}),
        files=files,
        is_of_run=version.logged_model is None,
        card=model_card(files),
        places=here,
        moments=told,
        has_earlier=has_earlier,
    )


def file_of_version(name: str, number: int, path: str, *, viewer: User) -> Artifact | None:
    """A file of a version, None where there is none that the viewer may have (two statements)."""
    rows = ModelVersion.objects.filter(
        visible_by_owner(viewer), model__name=name, number=min(number, BIGGEST)
    )
    version = rows.select_related("run", "logged_model").first()
    return version_files(version).filter(path=path).first() if version else None


def _found(name: str, number: int, viewer: User) -> Any:
    if "\x00" in name:
        raise no_version("", number)
    tags = ModelVersionTag.objects.filter(version=OuterRef("pk")).order_by("key")
    rows = described(ModelVersion.objects.filter(model__name=name, number=min(number, BIGGEST)), viewer)
    found = rows.annotate(told_tags=ArraySubquery(tags.values(told=JSONObject(key="key", value="value"))))
    version = found.first()
    if version is None:
        raise no_version(name, number)
    return version


def _base(here: list[Place], number: int) -> tuple[str, Live] | None:
    """The live version to compare with: production's, else staging's, unless it is this one."""
    for place in here:
        if place.environment != Environment.DEVELOPMENT and place.live and place.live.is_visible:
            return None if place.live.version == number else (place.environment, place.live)
    return None


def _by_view(tag: str) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for reference in filter(None, (part.strip() for part in tag.split(","))):
        view, _, feature = reference.partition(":")
        found.setdefault(view, []).append(feature or view)
    return list(found.items())


def _metrics(own: dict[str, float], live: dict[str, float]) -> list[MetricLine]:
    return [_metric(key, own.get(key), live.get(key)) for key in keys_of([own, live])]


def _metric(key: str, value: float | None, live: float | None) -> MetricLine:
    is_higher = is_higher_better(key)
    difference = value - live if value is not None and live is not None else None
    if difference is None or not math.isfinite(difference):
        return MetricLine(key, value, live, None, "", is_higher)
    verdict = "same" if difference == 0 else ""
    if difference and is_higher is not None:
        verdict = "better" if (difference > 0) == is_higher else "worse"
    return MetricLine(key, value, live, difference, verdict, is_higher)
