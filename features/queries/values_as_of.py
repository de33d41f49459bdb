"""Features worked out as of a time for everyone, by the views' own SQL; nothing is stored."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from features.definitions import VIEWS
from registry.exceptions import BadInputError

VALUES = """
SELECT c.id, {columns} FROM ({source}) AS computed
JOIN features_customer c ON c.customer_id = computed.entity_key
"""


def values_as_of(features: Sequence[str], *, as_of: dt.datetime) -> dict[int, list[Any]]:
    """Values by the customer's primary key, in the order asked (one statement a view).

    They are what training reads: the history of the views is filled by the same SQL.

    Args:
        features: each as ``view:feature``.

    Raises:
        BadInputError: the code computes no such feature (it is pushed, or not known).
    """
    asked = [(view, name) for view, _, name in (each.partition(":") for each in features)]
    views: dict[str, list[str]] = {}
    for view, name in asked:
        views.setdefault(view, []).append(name)
    found = {view: _of_view(view, names, as_of) for view, names in views.items()}
    places = [(view, views[view].index(name)) for view, name in asked]
    everyone = set().union(*found.values())
    empty = {view: (None,) * len(names) for view, names in views.items()}
    return {key: [found[view].get(key, empty[view])[place] for view, place in places] for key in everyone}


def _of_view(name: str, features: Sequence[str], as_of: dt.datetime) -> Mapping[int, Sequence[Any]]:
    view = next((each for each in VIEWS if each.name == name and each.source), None)
    unknown = {*features} - {each.name for each in view.features} if view else {*features}
    if view is None or unknown:
        raise BadInputError(f"The code computes no feature {name}:{min(unknown)}.")
    columns = ", ".join(f"{connection.ops.quote_name(each)}::float8" for each in features)
    with connection.cursor() as cursor:
        cursor.execute(VALUES.format(columns=columns, source=view.source), {"as_of": as_of})
        return {row[0]: row[1:] for row in cursor.fetchall()}
