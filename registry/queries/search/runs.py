"""Runs by filter, order and page; one run. One statement each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.models import User
from django.db import connection

from registry.exceptions import NotFoundError
from registry.filters import Node, Order
from registry.models import ExperimentPermission
from registry.postgres.prepared import Prepared
from registry.queries.permission_sql import PERMISSION_TYPES, permission_sql

from .conditions import condition_sql
from .operators import Arguments
from .ordering import after_sql
from .pages import Page, Place, checked_size, page_of
from .run_conditions import run_condition, run_sort_keys
from .run_rows import COLUMNS, FROM, ROWS, RunRow
from .view_types import ViewType

MAX_RUNS = 50_000
READ = ExperimentPermission.Level.READ
SEARCH = """
WITH e AS MATERIALIZED (
    SELECT e.id, e.lifecycle FROM registry_experiment e
    WHERE e.experiment_id = ANY({experiments}::text[]) AND {permission}
), page AS MATERIALIZED (
    SELECT {columns}, {keys} FROM registry_trainingrun r{joins}
    WHERE {within} AND {view} AND ({condition}) AND {after}
    ORDER BY {order} LIMIT {limit}
){rows}, {places} {source} ORDER BY {page_order}
"""
ONE = """
WITH page AS MATERIALIZED (
    SELECT {columns} FROM registry_trainingrun r JOIN registry_experiment e ON e.id = r.experiment_id
    WHERE r.run_id = %(run_id)s::uuid AND {permission}
){rows}{source}
"""
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


def runs_page(*, user: User, search: RunSearch) -> Page:
    """The runs (as :class:`RunRow`) that the user may read and the search finds.

    Raises:
        BadInputError: the order or the size of the page can't be had.
    """
    size = checked_size(search.size, most=MAX_RUNS)
    statement, arguments, keys = search_statement(user=user, search=search)
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        page = page_of(cursor.fetchall(), size=size, keys=keys)
    return Page([RunRow(*row) for row in page.rows], page.next_after)


def one_run(*, user: User, run_id: str) -> RunRow:
    """A run that the user may read, also from the bin.

    Args:
        run_id: 32 hexadecimal characters.

    Raises:
        NotFoundError: there is none, or none that the user may know of; in MLflow's words.
    """
    permission, values = permission_sql(user, READ)
    with connection.cursor() as cursor:
        _one(permission).execute(cursor, values | {"run_id": run_id})
        row = cursor.fetchone()
    if row is None:
        raise NotFoundError(f"Run with id={run_id} not found")
    return RunRow(*row)


def search_statement(*, user: User, search: RunSearch) -> tuple[str, Arguments, int]:
    """The statement of a search, its parameters, and how many columns at the end of a row are its place."""
    permission, values = permission_sql(user, READ)
    arguments = Arguments(values)
    keys, joins = run_sort_keys(search.orders, arguments)
    if search.view is ViewType.ACTIVE_ONLY:
        permission += " AND e.lifecycle = 'active'"
    statement = SEARCH.format(
        experiments=arguments.add(list(search.experiment_ids)),
        permission=permission,
        columns=COLUMNS,
        keys=", ".join(f"{key.expression} AS k{number}" for number, key in enumerate(keys)),
        joins=joins,
        within=IN_ONE if len(search.experiment_ids) == 1 else IN_SEVERAL,
        view=VIEWS[search.view],
        condition=condition_sql(search.condition, run_condition, arguments),
        after=after_sql(keys, search.after, arguments),
        order=", ".join(key.ordered for key in keys),
        limit=arguments.add(search.size + 1),
        rows=ROWS,
        places=", ".join(f"r.k{number}::text" for number in range(len(keys))),
        source=FROM,
        page_order=", ".join(
            f"r.k{number}{' DESC' if key.is_descending else ''}" for number, key in enumerate(keys)
        ),
    )
    return statement, arguments, len(keys)


@cache
def _one(permission: str) -> Prepared:
    statement = ONE.format(columns=COLUMNS, permission=permission, rows=ROWS, source=FROM)
    return Prepared("get_run", statement, PERMISSION_TYPES | {"run_id": "uuid"})
