"""The part of a search that finds its page of runs: which ones, in which order, from which place on."""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.filters import Node, Order

from .conditions import condition_sql
from .operators import Arguments
from .ordering import SortKey, after_sql
from .pages import Place
from .run_conditions import run_condition
from .run_orders import begins_with_numbers, run_sort_keys
from .run_rows import COLUMNS
from .view_types import ViewType

PAGE = """SELECT {columns}, {keys} FROM registry_trainingrun r{joins}
    WHERE {within} AND {view} AND ({condition}) AND {part} AND {after} ORDER BY {order} LIMIT {limit}"""
# The second part is looked at only where the first does not fill the page.
TWO_PARTS = "SELECT * FROM (({first}) UNION ALL ({second})) p LIMIT {limit}"
# Of one experiment, PostgreSQL can walk the index in the order of start.
IN_ONE = "r.experiment_id = (SELECT id FROM e)"
IN_SEVERAL = "r.experiment_id = ANY(ARRAY(SELECT id FROM e))"
# A hash of their ids, looked at once for each run, whatever index the runs are walked by.
IN_ALL = "(r.experiment_id IN (SELECT id FROM e)) IS TRUE"
VIEWS = {
    ViewType.ACTIVE_ONLY: "r.lifecycle = 'active'",
    ViewType.DELETED_ONLY: "(r.lifecycle IN ('deleted', 'purging')"
    " OR r.experiment_id = ANY(ARRAY(SELECT id FROM e WHERE e.lifecycle <> 'active')))",
    ViewType.ALL: "true",
}


@dataclass(frozen=True)
class RunSearch:
    """What to look for.

    Attributes:
        experiment_ids: as our column has them, others than ours match nothing; None for all experiments.
        after: the place behind which the page begins.
        is_backwards: the page ends before that place instead; its rows come in the opposite order.
        are_params_numbers: an order by a param is one by its number, where it is one, and long texts are
            sorted by their beginning, as tables do.
    """

    experiment_ids: Sequence[str] | None
    condition: Node | None = None
    orders: Sequence[Order] = ()
    view: ViewType = ViewType.ACTIVE_ONLY
    after: Place | None = None
    size: int = 1_000
    is_backwards: bool = False
    are_params_numbers: bool = False


def page_sql(search: RunSearch, arguments: Arguments) -> tuple[str, list[SortKey]]:
    """The statement's part, and the keys that it sorts by, as columns ``k0``, ``k1``, …

    Runs sorted by a number are found in two parts, those that have one and the rest, so that the first
    can walk the index on these numbers: the first 100 of 200,000 runs without a sort of all.
    """
    keys, joins = run_sort_keys(search.orders, arguments, are_params_numbers=search.are_params_numbers)
    if search.is_backwards:
        keys = [key.reversed for key in keys]
    values = {
        "columns": COLUMNS,
        "keys": ", ".join(f"{key.expression} AS k{number}" for number, key in enumerate(keys)),
        "within": _within(search.experiment_ids),
        "view": VIEWS[search.view],
        "condition": condition_sql(search.condition, run_condition, arguments),
        "limit": arguments.add(search.size + 1),
    }
    whole = values | {
        "joins": joins,
        "after": after_sql(keys, search.after, arguments),
        "order": _order(keys),
    }
    if not begins_with_numbers(search.orders, are_params_numbers=search.are_params_numbers):
        return PAGE.format(part="true", **whole), keys
    rank, value = keys[:2]
    numbers = values | {
        "joins": joins.replace("LEFT JOIN", "JOIN", 1),
        "part": f"{value.expression} < 'NaN'::float8",
        "after": _after_numbers(keys, search, arguments),
        "order": _order(keys[1:]),
    }
    rest = whole | {"part": f"{rank.expression} > 0", "after": _after_rest(whole["after"], search)}
    parts = [PAGE.format(**numbers), PAGE.format(**rest)]
    first, second = reversed(parts) if search.is_backwards else parts
    return TWO_PARTS.format(first=first, second=second, limit=values["limit"]), keys


def _within(experiment_ids: Sequence[str] | None) -> str:
    if experiment_ids is None:
        return IN_ALL
    return IN_ONE if len(experiment_ids) == 1 else IN_SEVERAL


def _after_numbers(keys: Sequence[SortKey], search: RunSearch, arguments: Arguments) -> str:
    """The same place among the runs that have a number: at their end where it is behind them."""
    place = search.after
    if place is None or place[0] == "0":
        return after_sql(keys[1:], place and place[1:], arguments)
    return "true" if search.is_backwards else "false"


def _after_rest(after: str, search: RunSearch) -> str:
    """The same place among the others: before their beginning where it is among the numbers."""
    is_before = search.is_backwards and search.after is not None and search.after[0] == "0"
    return "false" if is_before else after


def _order(keys: Sequence[SortKey]) -> str:
    return ", ".join(key.ordered for key in keys)
