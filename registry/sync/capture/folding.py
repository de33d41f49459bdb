"""Transactions folded to what they leave: for each row its last state, for each table whether it was emptied.

What is written to MongoDB in one transaction shows its end only, so a row that changed ten times is
written once. States are ends, not steps: to write them a second time changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from registry.documents.connection import Body

from .messages import Change, Relation, Transaction
from .row_documents import Key, RowShape, Unsent, Values

# The document with this _id in a table's collection, as it is before any of this is written.
Read = Callable[[str, Any], Body | None]
ShapeOf = Callable[[Relation, int], RowShape]


NOTHING: Unsent = MappingProxyType({})


class RowState(NamedTuple):
    """What a row is in the end.

    Args:
        body: None where it is gone.
        unsent: fields that keep the value that the document has.
        is_new: whether there should be no document yet.
    """

    identity: Any
    body: Body | None
    unsent: Unsent = NOTHING
    is_new: bool = False


@dataclass(slots=True)
class TableEnd:
    """What is to be written of one table."""

    table: str
    is_emptied: bool = False
    rows: dict[Key, RowState] = field(default_factory=dict)


class Fold:
    """Takes transactions in, in their order.

    Args:
        since: for each table the position before which its changes are in the snapshot already.
    """

    def __init__(self, shape_of: ShapeOf, read: Read, since: Mapping[str, int]) -> None:
        self._shape_of, self._read, self._since = shape_of, read, since
        self.tables: dict[str, TableEnd] = {}
        self.counts: Counter[str] = Counter()

    def add(self, transactions: Iterable[Transaction]) -> None:
        """Fold whole transactions in."""
        for transaction in transactions:
            for change in transaction.changes:
                if transaction.end_lsn > self._since.get(change.relation.table, 0):
                    self._take(change, transaction.end_lsn)

    def _take(self, change: Change, lsn: int) -> None:
        self.counts[change.kind] += 1
        shape = self._shape_of(change.relation, lsn)
        name = change.relation.table
        end = self.tables.get(name) or self.tables.setdefault(name, TableEnd(name))
        if change.kind == "truncate":
            end.is_emptied, end.rows = True, {}
        elif change.new is None:
            key = shape.key_of(_given(change.old))
            end.rows[key] = RowState(shape.identity(key), None)
        else:
            self._put(end, shape, change, lsn)

    def _put(self, end: TableEnd, shape: RowShape, change: Change, lsn: int) -> None:
        key, body, unsent = shape.document(shape.whole(_given(change.new), change.old), lsn)
        before = key if change.old is None else shape.key_of(change.old)
        if unsent:
            body, unsent = self._completed(end, before, shape, body, unsent)
        if before != key:
            end.rows[before] = RowState(shape.identity(before), None)
        known = end.rows.get(key)
        is_new = end.is_emptied or (change.kind == "insert" if known is None else known.is_new)
        end.rows[key] = RowState(body["_id"], body, unsent, is_new)

    def _completed(
        self, end: TableEnd, before: Key, shape: RowShape, body: Body, unsent: Unsent
    ) -> tuple[Body, Unsent]:
        """The document with what was not sent, as far as it must be known here and now."""
        known = end.rows.get(before)
        sources = [known.body] if known and known.body else []
        identity = shape.identity(before)
        is_moving = identity != body["_id"]
        if is_moving and (known is None or known.unsent) and not end.is_emptied:
            # The row moves to another document, which can't keep what this one has.
            moved = self._read(end.table, identity)
            sources += [moved] if moved else []
        body |= {
            field: source[name]
            for source in reversed(sources)
            for field, names in unsent.items()
            for name in reversed(names)
            if name in source
        }
        return body, {} if is_moving else {name: names for name, names in unsent.items() if name not in body}


def _given(old: Values | None) -> Values:
    if old is None:
        raise TypeError("The change lacks the row that it is about.")
    return old
