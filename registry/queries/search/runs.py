"""Runs by filter, order and page; one run. One statement each."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from django.contrib.auth.models import User
from django.db import connection

from registry.exceptions import NotFoundError
from registry.models import ExperimentPermission
from registry.postgres.prepared import Prepared
from registry.queries.permission_sql import PERMISSION_TYPES, permission_sql

from .operators import Arguments
from .pages import Page, checked_size, page_of
from .run_pages import RunSearch, page_sql
from .run_rows import COLUMNS, FROM, ROWS, RunRow
from .view_types import ViewType

MAX_RUNS = 50_000
READ = ExperimentPermission.Level.READ
SEARCH = """
WITH e AS MATERIALIZED (
    SELECT e.id, e.lifecycle FROM registry_experiment e
    WHERE {experiments} AND {permission}
), page AS MATERIALIZED (
    {page}
){rows}, {places} {source} ORDER BY {page_order}
"""
ONE = """
WITH page AS MATERIALIZED (
    SELECT {columns} FROM registry_trainingrun r JOIN registry_experiment e ON e.id = r.experiment_id
    WHERE r.run_id = %(run_id)s::uuid AND {permission}
){rows}{source}
"""


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


def search_statement(
    *, user: User, search: RunSearch, rows: Callable[[Arguments], str] = lambda _: ROWS, source: str = FROM
) -> tuple[str, Arguments, int]:
    """The statement of a search, its parameters, and how many columns at the end of a row are its place.

    Args:
        rows: what is told of each run ``r`` of the page: a ``SELECT`` list that may add parameters.
        source: where that comes from.
    """
    permission, values = permission_sql(user, READ)
    arguments = Arguments(values)
    if search.view is ViewType.ACTIVE_ONLY:
        permission += " AND e.lifecycle = 'active'"
    page, keys = page_sql(search, arguments)
    ids = search.experiment_ids
    statement = SEARCH.format(
        experiments="true" if ids is None else f"e.experiment_id = ANY({arguments.add(list(ids))}::text[])",
        permission=permission,
        page=page,
        rows=rows(arguments),
        places=", ".join(f"r.k{number}::text" for number in range(len(keys))),
        source=source,
        page_order=", ".join(
            replace(key, expression=f"r.k{number}").ordered for number, key in enumerate(keys)
        ),
    )
    return statement, arguments, len(keys)


@cache
def _one(permission: str) -> Prepared:
    statement = ONE.format(columns=COLUMNS, permission=permission, rows=ROWS, source=FROM)
    return Prepared("get_run", statement, PERMISSION_TYPES | {"run_id": "uuid"})
