"""What an order sorts runs by. The run is ``r``."""

from collections.abc import Sequence

from registry.exceptions import BadInputError
from registry.filters import Entity, Field, Order

from .operators import Arguments
from .ordering import SortKey, nulls_last
from .run_conditions import METRIC_COLUMNS, MOMENTS, NAMES, NUMBERS, TABLES, TEXTS

LONGEST_KEY = 200
"""Characters of a text that a table sorts by: its place in the order fits an address."""
STARTS = ("start_time", "started_at")
NUMBER_RANK = "(CASE WHEN {0} = 'NaN' THEN 1 WHEN {0} IS NULL THEN 2 ELSE 0 END)"
PARAM_RANK = "(CASE WHEN {0}.value_number IS NOT NULL THEN 0 WHEN {0}.value IS NOT NULL THEN 1 ELSE 2 END)"


def run_sort_keys(
    orders: Sequence[Order], arguments: Arguments, *, are_params_numbers: bool = False
) -> tuple[list[SortKey], str]:
    """The keys of an order, ending in start (newest first) and run id, and the joins that they need.

    Args:
        are_params_numbers: as tables sort: params as numbers where they are, the others behind, and texts
            of params and tags by their first 200 characters; else whole texts.

    Raises:
        BadInputError: a field comes twice, or can't be sorted by.
    """
    keys: list[SortKey] = []
    joins = ""
    for number, order in enumerate(orders):
        if order.field in [other.field for other in orders[:number]]:
            raise BadInputError(f"`order_by` contains duplicate fields: {order.field.key}.")
        alias = f"o{number}"
        joins += _join(order.field, alias, arguments)
        if order.field.entity is Entity.ATTRIBUTE:
            keys += _attribute_keys(order, alias)
        elif order.field.entity is Entity.METRIC:
            keys += _number_keys(_metric(order.field, alias), order)
        elif order.field.entity is Entity.PARAM and are_params_numbers:
            keys += _param_keys(alias, order)
        else:
            told = _shortened(alias) if are_params_numbers else f"{alias}.value"
            keys += nulls_last(told, "text", is_descending=order.is_descending)
    if not any(_is_start(order) for order in orders):
        keys.append(SortKey("r.started_at", "timestamptz", is_descending=True))
    return [*keys, SortKey("r.run_id", "uuid")], joins


def begins_with_numbers(orders: Sequence[Order], *, are_params_numbers: bool) -> bool:
    """Whether the first key ranks rows by having a number, so that those with one can be walked alone."""
    field = orders[0].field if orders else None
    if field is None or field.entity is Entity.ATTRIBUTE:
        return field is not None and field.key in NUMBERS
    if field.entity is Entity.PARAM:
        return are_params_numbers
    return field.entity is Entity.METRIC and field.statistic == "last" and not field.or_key


def _is_start(order: Order) -> bool:
    return order.field.entity is Entity.ATTRIBUTE and order.field.key in STARTS


def _attribute_keys(order: Order, alias: str) -> list[SortKey]:
    key, is_descending = order.field.key, order.is_descending
    if key in NUMBERS:
        return _number_keys(NUMBERS[key], order, is_null_low=True)
    if key in NAMES:
        return nulls_last(f"{alias}.{NAMES[key][2]}", "text", is_descending=is_descending)
    if _is_start(order):
        return [SortKey("r.started_at", "timestamptz", is_descending)]
    if key in MOMENTS:
        return nulls_last(MOMENTS[key], "timestamptz", is_descending=is_descending)
    if key == "run_id":
        return [SortKey("r.run_id", "uuid", is_descending)]
    return [SortKey(TEXTS[key], "text", is_descending)]


def _number_keys(value: str, order: Order, *, is_null_low: bool = False) -> list[SortKey]:
    rank = SortKey(NUMBER_RANK.format(value), "int4")
    return [rank, SortKey(value, "float8", order.is_descending, is_nullable=True, is_null_low=is_null_low)]


def _metric(field: Field, alias: str) -> str:
    """The value of a metric; of the one that is named like a statistic where a run has it."""
    value = f"{alias}.{METRIC_COLUMNS[field.statistic]}"
    if not field.or_key:
        return value
    return f"(CASE WHEN {alias}own.id IS NULL THEN {value} ELSE {alias}own.latest_value END)"


def _param_keys(alias: str, order: Order) -> list[SortKey]:
    return [
        SortKey(PARAM_RANK.format(alias), "int4"),
        SortKey(f"{alias}.value_number", "float8", order.is_descending, is_nullable=True),
        SortKey(_shortened(alias), "text", order.is_descending, is_nullable=True),
    ]


def _shortened(alias: str) -> str:
    return f"left({alias}.value, {LONGEST_KEY})"


def _join(field: Field, alias: str, arguments: Arguments) -> str:
    if field.entity is Entity.ATTRIBUTE:
        column, table, _ = NAMES.get(field.key, ("", "", ""))
        return f" LEFT JOIN {table} {alias} ON {alias}.id = {column}" if table else ""
    if field.entity not in TABLES:
        raise BadInputError(f"Invalid identifier type '{field.entity.value}': runs are not sorted by it.")
    keys = {alias: field.key} | ({f"{alias}own": field.or_key} if field.or_key else {})
    table = TABLES[field.entity]
    return "".join(
        f" LEFT JOIN {table} {each} ON {each}.run_id = r.id AND {each}.key = {arguments.add(key)}"
        for each, key in keys.items()
    )
