"""Logged models by filter, order and page, perhaps as they scored on some datasets only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import User

from registry.exceptions import BadInputError
from registry.filters import LOGGED_MODELS, And, Comparison, Entity, Field, Node, Not, Or, Order
from registry.models import ExperimentPermission
from registry.queries.logged_models import logged_model_rows
from registry.queries.permission_sql import permission_sql

from .experiments import PUBLIC_ID
from .keys import KeySearch, keys_page
from .nouns import Noun
from .ordering import SortKey, nulls_last
from .pages import Page, Place, checked_size

MAX_MODELS = 50_000
METRICS = "registry_loggedmodelmetric"
OF_MODEL = "x.model_id = g.id"
NEWEST = SortKey("g.created_at", "timestamptz", is_descending=True)
BY_ID = SortKey("g.model_id", "uuid")
MODEL = Noun(
    tables="""registry_loggedmodel g JOIN registry_experiment e ON e.id = g.experiment_id
        LEFT JOIN registry_trainingrun r ON r.id = g.source_run_id""",
    key="g.id",
    texts={
        "name": "g.name",
        "model_type": "g.model_type",
        "status": "g.status",
        "experiment_id": PUBLIC_ID,
        "model_id": "('m-' || replace(g.model_id::text, '-', ''))",
    },
    ids={"source_run_id": "r.run_id"},
    moments={"creation_timestamp_ms": "g.created_at", "last_updated_timestamp_ms": "g.updated_at"},
    order=(NEWEST, BY_ID),
    ties=(),
    owned={
        Entity.METRIC: (METRICS, OF_MODEL),
        Entity.PARAM: ("registry_loggedmodelparam", OF_MODEL),
        Entity.TAG: ("registry_loggedmodeltag", OF_MODEL),
    },
)
LATEST = """(SELECT x.value FROM registry_loggedmodelmetric x
    WHERE x.model_id = g.id AND x.key = %({key})s {on}
    ORDER BY x.timestamp_ms DESC, x.step DESC, x.run_id LIMIT 1)"""
SCORED = " AND EXISTS (SELECT 1 FROM registry_loggedmodelmetric x WHERE x.model_id = g.id AND ({}))"
WITHIN = "e.experiment_id = ANY(%(experiments)s::text[]) AND g.lifecycle = 'active' AND "


@dataclass(frozen=True)
class OnDataset:
    """A dataset that a metric was measured on, of any digest where that is empty."""

    name: str
    digest: str = ""


@dataclass(frozen=True)
class ModelOrder:
    """An attribute's name or ``metrics.<key>``, as clients ask for it; a metric perhaps on one dataset."""

    field_name: str
    is_descending: bool = False
    dataset: OnDataset | None = None


@dataclass(frozen=True)
class LoggedModelSearch:
    """What to look for; ``experiment_ids`` as our column has them."""

    experiment_ids: Sequence[str]
    condition: Node | None = None
    datasets: Sequence[OnDataset] = ()
    orders: Sequence[ModelOrder] = ()
    after: Place | None = None
    size: int = 100


def logged_models_page(*, user: User, search: LoggedModelSearch) -> Page:
    """The models that the user may read and the search finds, as rows (two statements).

    Raises:
        BadInputError: the order or the size of the page can't be had.
    """
    permission, values = permission_sql(user, ExperimentPermission.Level.READ)
    values["experiments"] = list(search.experiment_ids)
    noun, within = MODEL, WITHIN + permission
    if search.datasets:
        on = " OR ".join(_on(each, f"d{number}", values) for number, each in enumerate(search.datasets))
        noun = replace(MODEL, owned={**MODEL.owned, Entity.METRIC: (METRICS, f"{OF_MODEL} AND ({on})")})
        if not _has_metric(search.condition):
            within += SCORED.format(on)
    keys = _sort_keys(search.orders, values)
    found = keys_page(
        noun,
        KeySearch(
            size=checked_size(search.size, most=MAX_MODELS),
            condition=search.condition,
            keys=keys,
            after=search.after,
            within=within,
            values=values,
        ),
    )
    return Page(logged_model_rows(found.rows), found.next_after)


def _sort_keys(orders: Sequence[ModelOrder], values: dict[str, Any]) -> list[SortKey]:
    keys: list[SortKey] = []
    for number, order in enumerate(orders):
        entity, dot, key = order.field_name.partition(".")
        if not dot:
            keys += _attribute_keys(order)
        elif entity != "metrics":
            raise BadInputError(
                f"Invalid order by field name: {order.field_name[:100]}. Only metrics are supported."
            )
        else:
            values[f"o{number}"] = key.strip("`")
            on = f"AND {_on(order.dataset, f'od{number}', values)}" if order.dataset else ""
            latest = LATEST.format(key=f"o{number}", on=on)
            keys += nulls_last(latest, "float8", is_descending=order.is_descending)
    asked = [key.expression for key in keys]
    return [*keys, *(key for key in MODEL.order if key.expression not in asked)]


def _attribute_keys(order: ModelOrder) -> list[SortKey]:
    name = LOGGED_MODELS.attribute(order.field_name)
    if name not in LOGGED_MODELS.attributes:
        raise BadInputError(f"Invalid order by field name: {order.field_name[:100]}")
    return MODEL.sort_keys([Order(Field(Entity.ATTRIBUTE, name), order.is_descending)])


def _on(dataset: OnDataset, name: str, values: dict[str, Any]) -> str:
    values[name] = dataset.name
    if not dataset.digest:
        return f"x.dataset_name = %({name})s"
    values[f"{name}d"] = dataset.digest
    return f"(x.dataset_name = %({name})s AND x.dataset_digest = %({name}d)s)"


def _has_metric(node: Node | None) -> bool:
    if isinstance(node, Comparison):
        return node.field.entity is Entity.METRIC
    if isinstance(node, Not):
        return _has_metric(node.part)
    return isinstance(node, And | Or) and any(_has_metric(part) for part in node.parts)
