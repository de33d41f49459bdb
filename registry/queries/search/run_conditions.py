"""What a filter compares of runs, and what an order sorts them by. The run is ``r``."""

from collections.abc import Callable, Sequence

from registry.exceptions import BadInputError
from registry.filters import Comparison, Entity, Field, Order
from registry.models.param import number_in

from .conditions import owned
from .operators import Arguments, id_sql, moment_sql, number_sql, text_sql
from .ordering import SortKey, nulls_last

USERNAME = "(SELECT u.username FROM auth_user u WHERE u.id = r.created_by_id)"
PUBLIC_EXPERIMENT = """(SELECT CASE WHEN e.experiment_id = repeat('0', 32) THEN '0' ELSE e.experiment_id END
    FROM registry_experiment e WHERE e.id = r.experiment_id)"""
HEX_RUN = "replace(r.run_id::text, '-', '')"
ARTIFACT_URI = f"'mlflow-artifacts:/' || {PUBLIC_EXPERIMENT} || '/' || {HEX_RUN} || '/artifacts'"
TEXTS = {
    "run_name": "r.name",
    "status": "r.status",
    "model_name": "r.model_name",
    "framework": "r.framework",
    "user_id": f"coalesce({USERNAME}, '')",
    "artifact_uri": f"({ARTIFACT_URI})",
}
MOMENTS = {"start_time": "r.started_at", "end_time": "r.ended_at"}
DATASET_COLUMNS = {
    "name": "coalesce(nullif(d.given_name, ''), d.name)",
    "digest": "d.digest",
    "context": "i.context",
}
METRIC_COLUMNS = {"last": "latest_value", "min": "min_value", "max": "max_value"}
OF_INPUTS = """r.id IN (SELECT i.run_id FROM registry_runinput i
    JOIN registry_dataset d ON d.id = i.dataset_id WHERE {})"""
OF_DATASET = "r.dataset_id IN (SELECT d.id FROM registry_dataset d WHERE {})"
TABLES = {
    Entity.METRIC: "registry_metric",
    Entity.PARAM: "registry_param",
    Entity.TAG: "registry_runtag",
}
OWNER = "x.run_id = r.id"


def run_condition(comparison: Comparison, arguments: Arguments) -> str:
    """One comparison as SQL."""
    if comparison.operator in ("IS NULL", "IS NOT NULL"):
        found = owned(TABLES[comparison.field.entity], OWNER, arguments.add(comparison.field.key), "true")
        return f"NOT {found}" if comparison.operator == "IS NULL" else found
    return CONDITIONS[comparison.field.entity](comparison, arguments)


def run_sort_keys(orders: Sequence[Order], arguments: Arguments) -> tuple[list[SortKey], str]:
    """The keys of an order, ending in start (newest first) and run id, and the joins that they need.

    Raises:
        BadInputError: a field comes twice, or can't be sorted by.
    """
    keys: list[SortKey] = []
    joins = ""
    for number, order in enumerate(orders):
        if order.field in [other.field for other in orders[:number]]:
            raise BadInputError(f"`order_by` contains duplicate fields: {order.field.key}.")
        if order.field.entity is Entity.ATTRIBUTE:
            keys += _attribute_keys(order)
        else:
            alias = f"o{number}"
            joins += _join(order.field, alias, arguments)
            keys += _owned_keys(order, alias)
    if not any(order.field == Field(Entity.ATTRIBUTE, "start_time") for order in orders):
        keys.append(SortKey("r.started_at", "timestamptz", is_descending=True))
    return [*keys, SortKey("r.run_id", "uuid")], joins


def _attribute(comparison: Comparison, arguments: Arguments) -> str:
    key, operator, value = comparison.field.key, comparison.operator, comparison.value
    if key == "run_id":
        return id_sql("r.run_id", operator, value, arguments)
    if key in MOMENTS:
        return moment_sql(MOMENTS[key], operator, value, arguments)
    return text_sql(TEXTS[key], operator, value, arguments)


def _metric(comparison: Comparison, arguments: Arguments) -> str:
    field, operator, value = comparison.field, comparison.operator, comparison.value
    column = METRIC_COLUMNS[field.statistic]
    told = number_sql(f"x.{column}", operator, value, arguments)
    found = owned("registry_metric", OWNER, arguments.add(field.key), told)
    if not field.or_key:
        return found
    own_key = arguments.add(field.or_key)
    own = owned("registry_metric", OWNER, own_key, number_sql("x.latest_value", operator, value, arguments))
    return f"{own} OR ({found} AND NOT {owned('registry_metric', OWNER, own_key, 'true')})"


def _param(comparison: Comparison, arguments: Arguments) -> str:
    operator, value = comparison.operator, comparison.value
    first = value[0] if isinstance(value, tuple) else value
    if isinstance(first, float):
        told = number_sql("x.value_number", operator, value, arguments)
        told = f"({told} OR x.value_number IS NULL)" if operator in ("!=", "NOT IN") else told
    else:
        told = text_sql("x.value", operator, value, arguments)
        number = number_in(str(value)) if operator == "=" else None
        if number is not None:  # the same number, too: there is an index on it
            told += f" AND x.value_number = {arguments.add(number)}::float8"
    return owned("registry_param", OWNER, arguments.add(comparison.field.key), told)


def _tag(comparison: Comparison, arguments: Arguments) -> str:
    told = text_sql("x.value", comparison.operator, comparison.value, arguments)
    if comparison.operator == "=":  # its digest, too: there is an index on it
        told += f" AND md5(x.value) = md5({arguments.add(comparison.value)})"
    return owned("registry_runtag", OWNER, arguments.add(comparison.field.key), told)


def _dataset(comparison: Comparison, arguments: Arguments) -> str:
    key = comparison.field.key
    told = text_sql(DATASET_COLUMNS[key], comparison.operator, comparison.value, arguments)
    inputs = OF_INPUTS.format(told)
    if key == "context":
        return inputs
    return f"{inputs} OR {OF_DATASET.format(told)}"


CONDITIONS: dict[Entity, Callable[[Comparison, Arguments], str]] = {
    Entity.ATTRIBUTE: _attribute,
    Entity.METRIC: _metric,
    Entity.PARAM: _param,
    Entity.TAG: _tag,
    Entity.DATASET: _dataset,
}


def _attribute_keys(order: Order) -> list[SortKey]:
    key = order.field.key
    if key == "start_time":
        return [SortKey("r.started_at", "timestamptz", order.is_descending)]
    if key == "end_time":
        return nulls_last("r.ended_at", "timestamptz", is_descending=order.is_descending)
    if key == "run_id":
        return [SortKey("r.run_id", "uuid", order.is_descending)]
    return [SortKey(TEXTS[key], "text", order.is_descending)]


def _join(field: Field, alias: str, arguments: Arguments) -> str:
    if field.entity not in TABLES:
        raise BadInputError(f"Invalid identifier type '{field.entity.value}': runs are not sorted by it.")
    key = arguments.add(field.key)
    if field.or_key:
        own = arguments.add(field.or_key)
        column = METRIC_COLUMNS[field.statistic]
        value = f"CASE WHEN x.key = {own} THEN x.latest_value ELSE x.{column} END AS value"
        return f""" LEFT JOIN LATERAL (SELECT {value} FROM registry_metric x
            WHERE {OWNER} AND x.key IN ({key}, {own}) ORDER BY x.key = {own} DESC LIMIT 1) {alias} ON true"""  # noqa: S608 (made of constants and placeholders)
    return f" LEFT JOIN {TABLES[field.entity]} {alias} ON {alias}.run_id = r.id AND {alias}.key = {key}"


def _owned_keys(order: Order, alias: str) -> list[SortKey]:
    field = order.field
    if field.entity is not Entity.METRIC:
        return nulls_last(f"{alias}.value", "text", is_descending=order.is_descending)
    value = f"{alias}.{'value' if field.or_key else METRIC_COLUMNS[field.statistic]}"
    rank = f"(CASE WHEN {value} = 'NaN' THEN 1 WHEN {value} IS NULL THEN 2 ELSE 0 END)"
    return [SortKey(rank, "int4"), SortKey(value, "float8", order.is_descending, is_nullable=True)]
