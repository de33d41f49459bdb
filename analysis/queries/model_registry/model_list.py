"""One page of the list of registered models."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Count

from analysis.queries.cursors import Cursor, dumped, loaded
from analysis.queries.model_registry.metrics_offered import is_higher_better
from features.board_metrics import board_metrics
from registry.enums import DeploymentStatus, Environment
from registry.filters import REGISTERED_MODELS, Entity, Field, Order, words_or_filter
from registry.models import Deployment, ExperimentPermission, ModelVersion
from registry.queries.model_versions import JOINS
from registry.queries.permission_sql import permission_sql
from registry.queries.permissions import visible_by_owner
from registry.queries.registered_models import RegisteredModelRow
from registry.queries.search.registered_models import registered_models_page

PAGE_SIZE = 25
SORTS = {
    "-updated": Order(Field(Entity.ATTRIBUTE, "last_updated_timestamp"), is_descending=True),
    "updated": Order(Field(Entity.ATTRIBUTE, "last_updated_timestamp"), is_descending=False),
    "name": Order(Field(Entity.ATTRIBUTE, "name"), is_descending=False),
    "-name": Order(Field(Entity.ATTRIBUTE, "name"), is_descending=True),
}
DEFAULT_SORT = "-updated"
BEST = f"""
SELECT DISTINCT ON (v.model_id, x.key) v.model_id, x.key, x.latest_value, v.number
FROM {JOINS} JOIN registry_metric x ON x.run_id = r.id
WHERE v.model_id = ANY(%(models)s) AND x.key = ANY(%(keys)s) AND x.latest_value <= 'infinity'::float8
AND {{may}}
ORDER BY v.model_id, x.key, CASE WHEN x.key = ANY(%(higher)s) THEN -x.latest_value ELSE x.latest_value END,
v.number
"""  # noqa: S608 (made of constants)


@dataclass(frozen=True, slots=True)
class Best:
    """The best value that a version of the model reached."""

    key: str
    value: float
    version: int


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A registered model as the list shows it; all of it what the viewer may know.

    Attributes:
        live: Environment and version number, production first.
    """

    name: str
    description: str
    tags: list[tuple[str, str]]
    newest: int | None
    newest_at: dt.datetime | None
    version_count: int
    aliases: list[tuple[str, int]]
    live: list[tuple[str, int]]
    best: Best | None
    updated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ModelList:
    """A page of models; ``next_cursor`` is empty on the last one."""

    rows: list[ModelLine]
    sort: str
    next_cursor: str


def model_list(*, viewer: User, text: str = "", sort: str = DEFAULT_SORT, cursor: str = "") -> ModelList:
    """The page at the cursor; the first one where it was not made here (six statements).

    Raises:
        BadInputError: The text is meant as a filter and can't be read, or has too many words.
    """
    sort = sort if sort in SORTS else DEFAULT_SORT
    place = loaded(cursor, sort=f"models:{sort}")
    page = registered_models_page(
        user=viewer,
        condition=words_or_filter(text, REGISTERED_MODELS),
        orders=[SORTS[sort]],
        after=place.values if place else None,
        size=PAGE_SIZE,
    )
    ids = [row.id for row in page.rows]
    counts, live, best = _counts(viewer, ids), _live(viewer, ids), _best(viewer, ids)
    return ModelList(
        rows=[_line(row, counts.get(row.id, 0), live.get(row.id, []), best.get(row.id)) for row in page.rows],
        sort=sort,
        next_cursor=dumped(Cursor(page.next_after), sort=f"models:{sort}") if page.next_after else "",
    )


def _line(row: RegisteredModelRow, count: int, live: list[tuple[str, int]], best: Best | None) -> ModelLine:
    newest = max(row.latest, key=lambda version: version.number, default=None)
    return ModelLine(
        name=row.name,
        description=row.description,
        tags=row.tags,
        newest=newest.number if newest else None,
        newest_at=newest.created_at if newest else None,
        version_count=count,
        aliases=row.aliases,
        live=live,
        best=best,
        updated_at=row.updated_at,
    )


def _counts(viewer: User, models: Sequence[int]) -> dict[int, int]:
    rows = ModelVersion.objects.filter(visible_by_owner(viewer), model__in=models).order_by()
    return dict(rows.values("model").annotate(n=Count("pk")).values_list("model", "n"))


def _live(viewer: User, models: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
    visible = ModelVersion.objects.filter(visible_by_owner(viewer), model__in=models)
    rows = Deployment.objects.filter(status=DeploymentStatus.LIVE, version__in=visible).order_by()
    found: dict[int, list[tuple[str, int]]] = {}
    for model, environment, number in rows.values_list("model_id", "environment", "version__number"):
        found.setdefault(model, []).append((environment, number))
    places = Environment.values
    return {model: sorted(each, key=lambda at: -places.index(at[0])) for model, each in found.items()}


def _best(viewer: User, models: Sequence[int]) -> dict[int, Best]:
    """Of each model the best value of the first metric with leaderboards that its versions' runs have."""
    may, values = permission_sql(viewer, ExperimentPermission.Level.READ)
    keys = list(board_metrics())
    values |= {
        "models": list(models),
        "keys": keys,
        "higher": [each for each in keys if is_higher_better(each)],
    }
    with connection.cursor() as cursor:
        cursor.execute(BEST.format(may=may), values)
        rows = cursor.fetchall()
    found: dict[int, Best] = {}
    for model, key, value, number in sorted(rows, key=lambda row: keys.index(row[1])):
        found.setdefault(model, Best(key, value, number))
    return found
