"""Rows as documents: ``_id`` is the primary key, every column a field, and where the row was seen last.

``_lsn`` is the end of the transaction that changed the row last (of a row that has not changed since the
snapshot, the snapshot's position), ``_schema`` the number of the table's form that the fields follow. A key
of several columns is a sub-document of them in the table's order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import Int64

from registry.documents.connection import Body

from .bson_values import Convert, bson_converter
from .messages import UNCHANGED, CaptureError, Relation
from .table_forms import TableForm
from .values import ELEMENTS

TIMESTAMPS = (1114, 1184)
RESERVED = ("_id", "_lsn", "_schema")
Key = tuple[Any, ...]
Values = tuple[Any, ...]
# Fields whose values were not sent, being unchanged, and the names that documents may have them under.
Unsent = Mapping[str, tuple[str, ...]]


class KeyChangedError(CaptureError):
    """What names a table's rows is not what named them in the snapshot."""


@dataclass(frozen=True, slots=True)
class RowShape:
    """How a table's rows become documents, as the table was at one moment.

    Args:
        key: where the key's columns stand in a row.
        number: of this form of the table.
        former_names: of fields that were renamed.
    """

    relation: Relation
    number: int
    key: tuple[int, ...]
    names: tuple[str, ...]
    converters: tuple[Convert | None, ...]
    former_names: Unsent

    def document(self, row: Values, lsn: int) -> tuple[Key, Body, Unsent]:
        """A row's key, its document, and the fields whose values PostgreSQL did not send, being unchanged."""
        body: Body = {"_id": None}
        unsent: dict[str, tuple[str, ...]] = {}
        for name, convert, value in zip(self.names, self.converters, row, strict=True):
            if value is UNCHANGED:
                unsent[name] = (name, *self.former_names.get(name, ()))
            else:
                body[name] = value if convert is None or value is None else convert(value)
        key = tuple(body[self.names[place]] for place in self.key)
        body["_id"], body["_lsn"], body["_schema"] = self.identity(key), Int64(lsn), self.number
        return key, body, unsent

    def key_of(self, row: Values) -> Key:
        """The key's values, in BSON's types."""
        return tuple(
            row[place] if (convert := self.converters[place]) is None else convert(row[place])
            for place in self.key
        )

    def identity(self, key: Key) -> Any:
        """A key as it stands in ``_id``."""
        if len(key) == 1:
            return key[0]
        return dict(zip((self.names[place] for place in self.key), key, strict=True))

    def whole(self, new: Values, old: Values | None) -> Values:
        """A row with what was not sent of it taken from what it was before, as far as that was sent."""
        if old is None or UNCHANGED not in new:
            return new
        return tuple(
            before if value is UNCHANGED and column.is_key else value
            for value, before, column in zip(new, old, self.relation.columns, strict=True)
        )


def check_key(relation: Relation, key: Sequence[str]) -> None:
    """See that documents can be told apart as rows are.

    Raises:
        CaptureError: dates of documents lose the microseconds, and an ``_id`` can't be an array.
    """
    for column in relation.columns:
        if column.name in key and column.type_oid in {*TIMESTAMPS, *ELEMENTS}:
            raise CaptureError(
                f"The key of {relation.table} has the column {column.name}, a timestamp or an array, by which"
                " documents can't be told apart. Take the table out of CAPTURED_TABLES."
            )


def row_shape(relation: Relation, form: TableForm) -> RowShape:
    """How rows of a table become documents.

    Args:
        form: what the capture knows of the table; it has the relation's columns.

    Raises:
        KeyChangedError: other columns name its rows now.
    """
    columns = [column.name for column in relation.columns]
    told = tuple(column.name for column in relation.columns if column.is_key)
    if (relation.replica_identity in "di" and told != form.key) or not set(form.key) <= set(columns):
        raise KeyChangedError(
            f"The rows of {relation.table} were named by {', '.join(form.key)} and are by"
            f" {', '.join(told) or 'nothing'} now. Begin anew: manage.py cdc reset."
        )
    check_key(relation, form.key)
    return RowShape(
        relation,
        form.number,
        tuple(columns.index(name) for name in form.key),
        tuple(map(field_name, columns)),
        tuple(bson_converter(column.type_oid) for column in relation.columns),
        {field_name(name): tuple(map(field_name, names)) for name, names in form.former_names().items()},
    )


def field_name(column: str) -> str:
    """A column's field; one that MongoDB or the capture would read otherwise gets a word before it."""
    return f"column_{column}" if column in RESERVED or column.startswith("$") else column
