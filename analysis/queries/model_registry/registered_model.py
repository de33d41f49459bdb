"""Everything the page of a registered model shows."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject

from analysis.queries.model_registry.places import Place, places
from analysis.queries.model_registry.promotions import promotions
from analysis.queries.model_registry.scoring import Scoring, scoring
from analysis.queries.model_registry.timeline import Moment, last_replaced, timeline
from analysis.queries.model_registry.version_lines import VersionLine, version_lines
from registry.models import ModelAlias, ModelVersion, RegisteredModel, RegisteredModelTag
from registry.queries.model_permissions import editable_versions
from registry.queries.permissions import visible_by_owner
from registry.queries.registered_models import no_model


@dataclass(frozen=True, slots=True)
class AliasLine:
    """An alias and the version that it points at."""

    alias: str
    version: int
    may_edit: bool


@dataclass(frozen=True, slots=True)
class About:
    """What is said of the model itself."""

    name: str
    description: str
    tags: list[tuple[str, str]]
    created_by: str
    created_at: dt.datetime
    updated_at: dt.datetime
    may_describe: bool


@dataclass(frozen=True, slots=True)
class ModelPage:
    """A registered model with what the viewer may know of its versions."""

    about: About
    versions: list[VersionLine]
    next_before: int | None
    scoring: Scoring
    aliases: list[AliasLine]
    places: list[Place]
    moments: list[Moment]
    has_earlier: bool

    @property
    def may_edit(self) -> bool:
        """Whether any version shown is the viewer's to move."""
        return any(each.may_edit for each in self.versions)

    @property
    def deployable(self) -> list[VersionLine]:
        """Versions that the viewer may put somewhere."""
        return [each for each in self.versions if each.may_edit and each.is_ready]


def model_page(name: str, *, viewer: User, metric: str = "", before: int | None = None) -> ModelPage:
    """A model (seven statements).

    Args:
        metric: What to compare the versions by; by default the first of the leaderboards' that they have.
        before: Only versions with a lower number.

    Raises:
        NotFoundError: There is no such model.
    """
    model = _found(name, viewer)
    versions, next_before = version_lines(model, viewer=viewer, before=before)
    told, has_earlier = timeline(model, viewer=viewer)
    seen = {each.version for each in told} | {each.number for each in versions}
    under_way = [each for each in promotions(name) if each.version in seen]
    score = scoring(versions, metric)
    return ModelPage(
        about=_about(model),
        versions=versions,
        next_before=next_before,
        scoring=score,
        aliases=_aliases(model, viewer),
        places=places(
            model,
            viewer=viewer,
            under_way=under_way,
            previous=last_replaced(told),
            scores=score.main_values,
        ),
        moments=told,
        has_earlier=has_earlier,
    )


def _found(name: str, viewer: User) -> Any:
    if "\x00" in name:
        raise no_model("")
    tags = RegisteredModelTag.objects.filter(model=OuterRef("pk")).order_by("key")
    editable = ModelVersion.objects.filter(editable_versions(viewer), model=OuterRef("pk"))
    rows = RegisteredModel.objects.select_related("created_by").annotate(
        told_tags=ArraySubquery(tags.values(told=JSONObject(key="key", value="value"))),
        has_editable=Exists(editable),
    )
    model: Any = rows.filter(name=name).first()
    if model is None:
        raise no_model(name)
    model.may_describe = viewer.is_superuser or model.created_by_id == viewer.pk or model.has_editable
    return model


def _about(model: Any) -> About:
    return About(
        name=model.name,
        description=model.description,
        tags=[(each["key"], each["value"]) for each in model.told_tags],
        created_by=model.created_by.get_username() if model.created_by else "",
        created_at=model.created_at,
        updated_at=model.updated_at,
        may_describe=model.may_describe,
    )


def _aliases(model: RegisteredModel, viewer: User) -> list[AliasLine]:
    own = ModelVersion.objects.filter(editable_versions(viewer), pk=OuterRef("version"))
    visible = ModelVersion.objects.filter(visible_by_owner(viewer), model=model)
    rows = ModelAlias.objects.filter(model=model, version__in=visible).annotate(may_edit=Exists(own))
    return [AliasLine(*row) for row in rows.values_list("alias", "version__number", "may_edit")]
