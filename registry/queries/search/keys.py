"""Primary keys by filter, order and page, of any noun but runs. One statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from registry.filters import Node

from .conditions import condition_sql
from .nouns import Noun
from .operators import Arguments
from .ordering import SortKey, after_sql
from .pages import Page, Place, page_of

SEARCH = """
SELECT {key}, {places} FROM {tables}
WHERE {within} AND ({condition}) AND {after} ORDER BY {order} LIMIT {limit}
"""


@dataclass(frozen=True)
class KeySearch:
    """What to look for, and in which order.

    Attributes:
        within: a condition in SQL on what may be found, and its parameters.
    """

    size: int
    keys: Sequence[SortKey]
    condition: Node | None = None
    after: Place | None = None
    within: str = "true"
    values: Mapping[str, Any] = field(default_factory=dict)


def keys_page(noun: Noun, search: KeySearch) -> Page:
    """The primary keys that a search finds, in order."""
    arguments = Arguments(search.values)
    keys = search.keys
    statement = SEARCH.format(
        key=noun.key,
        places=", ".join(f"({key.expression})::text" for key in keys),
        tables=noun.tables,
        within=search.within,
        condition=condition_sql(search.condition, noun.condition, arguments),
        after=after_sql(keys, search.after, arguments),
        order=", ".join(key.ordered for key in keys),
        limit=arguments.add(search.size + 1),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        page = page_of(cursor.fetchall(), size=search.size, keys=len(keys))
    return Page([row[0] for row in page.rows], page.next_after)
