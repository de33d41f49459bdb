"""The form of a table, and what became of it: told in ``cdc status``, since documents keep the form they had.

PostgreSQL does not log what ALTER TABLE does to rows. A document follows the form in which its row was
written last, and says which one by ``_schema``; ``cdc reset`` brings all rows in the present form.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from bson import Int64

from registry.documents.connection import Body

from .messages import Relation

TYPE_NAMES: Final = {
    16: "boolean", 17: "bytea", 20: "bigint", 21: "smallint", 23: "integer", 25: "text", 114: "json",
    700: "real", 701: "double precision", 1043: "varchar", 1082: "date", 1083: "time", 1114: "timestamp",
    1184: "timestamptz", 1700: "numeric", 2950: "uuid", 3802: "jsonb",
}  # fmt: skip
Columns = tuple[tuple[str, int], ...]  # names and the oids of their types


@dataclass(frozen=True, slots=True)
class TableForm:
    """A table as the capture knows it.

    Args:
        key: the columns that name its rows.
        since: its changes up to this position are in its snapshot.
        number: of the form, counted from 1.
        changes: what became of it, each ``{"number", "lsn", "what", "renamed"}``.
    """

    key: tuple[str, ...]
    columns: Columns
    since: int
    number: int = 1
    changes: tuple[Body, ...] = ()

    def then(self, relation: Relation, lsn: int) -> Self:
        """The form that a change carries: this one, or the next."""
        columns = columns_of(relation)
        if columns == self.columns:
            return self
        number = self.number + 1
        told = {
            "number": number,
            "lsn": Int64(lsn),
            "what": difference(self.columns, columns),
            "renamed": [list(pair) for pair in renamed(self.columns, columns).items()],
        }
        return replace(self, columns=columns, number=number, changes=(*self.changes, told))

    def former_names(self) -> dict[str, tuple[str, ...]]:
        """The names that columns had before, the latest first."""
        names: dict[str, tuple[str, ...]] = {}
        for change in self.changes:
            pairs = {name: (was, *names.get(was, ())) for name, was in change["renamed"]}
            names = {name: were for name, were in names.items() if name not in {w[0] for w in pairs.values()}}
            names |= pairs
        return names

    def stored(self) -> Body:
        """As the checkpoint keeps it."""
        return {
            "key": list(self.key),
            "columns": [{"name": name, "type": oid} for name, oid in self.columns],
            "since": Int64(self.since),
            "number": self.number,
            "changes": list(self.changes),
        }


def form_of(stored: Body) -> TableForm:
    """A form from the checkpoint."""
    columns = tuple((column["name"], column["type"]) for column in stored["columns"])
    return TableForm(
        tuple(stored["key"]), columns, stored["since"], stored["number"], tuple(stored["changes"])
    )


def columns_of(relation: Relation) -> Columns:
    """A table's columns, as far as documents depend on them."""
    return tuple((column.name, column.type_oid) for column in relation.columns)


def renamed(before: Columns, after: Columns) -> dict[str, str]:
    """New names and their old ones: at the same place, of the same type, one gone and the other new."""
    if len(before) != len(after):
        return {}
    gone, new = dict(before).keys() - dict(after).keys(), dict(after).keys() - dict(before).keys()
    return {
        name: was
        for (was, before_type), (name, after_type) in zip(before, after, strict=True)
        if was in gone and name in new and before_type == after_type
    }


def difference(before: Columns, after: Columns) -> str:
    """What became of a table, in words."""
    old, new, names = dict(before), dict(after), renamed(before, after)
    told = [f"{was} is now {name}" for name, was in names.items()]
    told += _each("added", [name for name in new if name not in old and name not in names])
    told += _each("dropped", [name for name in old if name not in new and name not in names.values()])
    told += [
        f"{name} was {type_name(old[name])}, is {type_name(oid)}"
        for name, oid in after
        if name in old and old[name] != oid
    ]
    return "; ".join(told) or "columns in another order"


def type_name(oid: Any) -> str:
    """A type's name where it is a usual one."""
    return TYPE_NAMES.get(oid, f"type {oid}")


def _each(word: str, names: Sequence[str]) -> list[str]:
    return [f"{word} {', '.join(names)}"] if names else []
