"""The part of a search that finds its page of runs: which ones, in which order, from which place on."""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.filters import Entity, Node, Order

from .conditions import condition_sql
from .operators import Arguments
from .ordering import SortKey, after_sql
from .pages import Place
from .run_conditions import run_condition, run_sort_keys
from .run_rows import COLUMNS
from .view_types import ViewType

PAGE = """SELECT {columns}, {keys} FROM registry_trainingrun r{joins}
    WHERE {within} AND {view} AND ({condition}) AND {part} AND {after} ORDER BY {order} LIMIT {limit}"""
# The second part is looked at only where the first does not fill the page.
TWO_PARTS = "SELECT * FROM (({first}) UNION ALL ({second})) p LIMIT {limit}"
# Of one experiment, PostgreSQL can walk the index in the order of start.
IN_ONE = "r.experiment_id = (SELECT id FROM e)"
IN_SEVERAL = "r.experiment_id = ANY(ARRAY(SELECT id FROM e))"
VIEWS = {
    ViewType.ACTIVE_ONLY: "r.lifecycle = 'active'",
    ViewType.DELETED_ONLY: "(r.lifecycle IN ('deleted', 'purging')"
    " OR r.experiment_id = ANY(ARRAY(SELECT id FROM e WHERE e.lifecycle <> 'active')))",
    ViewType.ALL: "true",
}


@dataclass(frozen=True)
class RunSearch:
    """What to look for; ``experiment_ids`` as our column has them, others than ours match nothing."""

    experiment_ids: Sequence[str]
    condition: Node | None = None
    orders: Sequence[Order] = ()
    view: ViewType = ViewType.ACTIVE_ONLY
    after: Place | None = None
    size: int = 1_000


def page_sql(search: RunSearch, arguments: Arguments) -> tuple[str, list[SortKey]]:
    """The statement's part, and the keys that it sorts by, as columns ``k0``, ``k1``, …

    Runs sorted by a metric are found in two parts, those that have a number and the rest, so that the
    first can walk the index on the metric's values: the first 100 of 200,000 runs without a sort of all.
    """
    keys, joins = run_sort_keys(search.orders, arguments)
    values = {
        "columns": COLUMNS,
        "keys": ", ".join(f"{key.expression} AS k{number}" for number, key in enumerate(keys)),
        "within": IN_ONE if len(search.experiment_ids) == 1 else IN_SEVERAL,
        "view": VIEWS[search.view],
        "condition": condition_sql(search.condition, run_condition, arguments),
        "limit": arguments.add(search.size + 1),
    }
    whole = values | {
        "joins": joins,
        "after": after_sql(keys, search.after, arguments),
        "order": _order(keys),
    }
    if not _walks_metric(search.orders):
        return PAGE.format(part="true", **whole), keys
    rank, value = keys[:2]
    first = values | {
        "joins": joins.replace("LEFT JOIN", "JOIN", 1),
        "part": f"{value.expression} < 'NaN'::float8",
        "after": _after_numbers(keys[1:], search.after, arguments),
        "order": _order(keys[1:]),
    }
    parts = PAGE.format(**first), PAGE.format(part=f"{rank.expression} > 0", **whole)
    return TWO_PARTS.format(first=parts[0], second=parts[1], limit=values["limit"]), keys


def _walks_metric(orders: Sequence[Order]) -> bool:
    field = orders[0].field if orders else None
    return (
        field is not None and field.entity is Entity.METRIC and field.statistic == "last" and not field.or_key
    )


def _after_numbers(keys: Sequence[SortKey], place: Place | None, arguments: Arguments) -> str:
    """The same place among the runs that have a number: at their end where it is behind them."""
    if place is None or place[0] == "0":
        return after_sql(keys, place and place[1:], arguments)
    return "false"


def _order(keys: Sequence[SortKey]) -> str:
    return ", ".join(key.ordered for key in keys)
