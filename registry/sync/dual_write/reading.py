"""Reading data that may be on the move: from the store that answers, beside the other while comparing."""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

from registry.enums import DualWriteState as State
from registry.exceptions import StoreUnavailableError

from . import divergences
from .comparing import look
from .sides import Move
from .states import Store, answering

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

STATE = """
SELECT d.id, d.state, coalesce(q.is_new, false) FROM registry_dualwrite d
LEFT JOIN registry_dualwritequery q ON q.dual_write_id = d.id AND q.query = %(query)s
WHERE d.name = %(name)s AND d.scope IN ('', %(scope)s) ORDER BY d.scope DESC LIMIT 1
"""
COUNT = """
INSERT INTO registry_dualwritequery AS q (dual_write_id, query, is_new, compared, differed, compared_at)
VALUES (%(row)s, %(query)s, false, 1, %(differed)s, now())
ON CONFLICT (dual_write_id, query) DO UPDATE SET compared = q.compared + 1,
    differed = q.differed + excluded.differed, compared_at = now()
"""


def read(
    move: Move, *, query: str, owner_id: str, scope: str, old: Callable[[], Answer], new: Callable[[], Answer]
) -> Answer:
    """Answer a query about one owner (one statement beside the read itself).

    Args:
        query: its name, by which it can be switched.
        old, new: read it from that store.

    Raises:
        StoreUnavailableError: the store that answers does not.
    """
    with connection.cursor() as cursor:
        cursor.execute(STATE, {"name": move.name, "scope": scope, "query": query})
        row_id, state, is_new = cursor.fetchone() or (0, State.OFF, False)
    ways: dict[Store, Callable[[], Answer]] = {"old": old, "new": new}
    store = answering(State(state), is_new=is_new)
    answer = ways.pop(store)()
    if state == State.VERIFY:
        (other,) = ways.values()
        differs = _differs(answer, other, lambda: _is_confirmed(move, row_id, owner_id))
        if differs is not None:
            _count(row_id, query, differs=differs)
    return answer


def _differs(answer: Answer, other: Callable[[], Answer], is_confirmed: Callable[[], bool]) -> bool | None:
    """Whether the other store answers otherwise; None where it doesn't, which is not the reader's trouble."""
    try:
        return other() != answer and is_confirmed()
    except StoreUnavailableError as error:
        logger.warning("A read could not be compared: %s", error)
        return None


def _is_confirmed(move: Move, row_id: int, owner_id: str) -> bool:
    found = look(move, [owner_id]).differing
    divergences.note(row_id, found)
    return bool(found)


def _count(row_id: int, query: str, *, differs: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"row": row_id, "query": query, "differed": int(differs)})
