"""What can be searched beside runs: how each noun's fields are written in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from registry.exceptions import BadInputError
from registry.filters import Comparison, Entity, Order, Value

from .conditions import owned
from .operators import Arguments, id_sql, moment_sql, number_sql, text_sql
from .ordering import SortKey, nulls_last

HIDDEN_TAG = "mlflow.prompt.is_prompt"


@dataclass(frozen=True)
class Noun:
    """A table and the SQL of its fields.

    Attributes:
        tables: what follows ``FROM``.
        key: the primary key, with its table's alias.
        texts, ids, moments, numbers: attribute → SQL, by type.
        owned: entity → table of its keys and values, and how a row ``x`` of it belongs to the noun's.
        order: what to sort by where nothing is asked for, and what breaks ties.
    """

    tables: str
    key: str
    texts: Mapping[str, str]
    moments: Mapping[str, str]
    order: Sequence[SortKey]
    ties: Sequence[SortKey]
    ids: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    owned: Mapping[Entity, tuple[str, str]] = field(default_factory=dict)

    def condition(self, comparison: Comparison, arguments: Arguments) -> str:
        """One comparison as SQL."""
        if comparison.field.entity is Entity.ATTRIBUTE:
            return self._attribute(comparison, arguments)
        table, owner = self.owned[comparison.field.entity]
        key = arguments.add(comparison.field.key)
        if comparison.operator in ("IS NULL", "IS NOT NULL"):
            found = owned(table, owner, key, "true")
            return f"NOT {found}" if comparison.operator == "IS NULL" else found
        if _means_no_prompt(comparison):
            return f"NOT {owned(table, owner, key, _value_sql(comparison, ('=', 'true'), arguments))}"
        told = _value_sql(comparison, (comparison.operator, comparison.value), arguments)
        return owned(table, owner, key, told)

    def sort_keys(self, orders: Sequence[Order]) -> list[SortKey]:
        """The keys of an order, ties broken.

        Raises:
            BadInputError: a field comes twice, or is no attribute.
        """
        keys: list[SortKey] = []
        for number, order in enumerate(orders):
            if order.field in [other.field for other in orders[:number]]:
                raise BadInputError(f"`order_by` contains duplicate fields: {order.field.key}.")
            if order.field.entity is not Entity.ATTRIBUTE:
                raise BadInputError(f"Invalid order_by entity: {order.field.entity.value}")
            keys += self._keys(order)
        asked = [key.expression for key in keys]
        return [*keys, *(key for key in (self.ties if orders else self.order) if key.expression not in asked)]

    def _attribute(self, comparison: Comparison, arguments: Arguments) -> str:
        name, operator, value = comparison.field.key, comparison.operator, comparison.value
        if name in self.moments:
            return moment_sql(self.moments[name], operator, value, arguments)
        if name in self.numbers:
            return number_sql(self.numbers[name], operator, value, arguments)
        if name in self.ids:
            return id_sql(self.ids[name], operator, value, arguments)
        return text_sql(self.texts[name], operator, value, arguments)

    def _keys(self, order: Order) -> list[SortKey]:
        name = order.field.key
        by_type = {"text": self.texts, "timestamptz": self.moments, "int8": self.numbers}
        for kind, found in by_type.items():
            if name in found:
                return [SortKey(found[name], kind, order.is_descending)]
        return nulls_last(self.ids[name], "uuid", is_descending=order.is_descending)


def _value_sql(comparison: Comparison, told: tuple[str, Value], arguments: Arguments) -> str:
    operator, value = told
    if comparison.field.entity is Entity.METRIC:
        return number_sql("x.value", operator, value, arguments)
    first = value[0] if isinstance(value, tuple) else value
    if isinstance(first, float):
        raise BadInputError(f"Compare {comparison.field.key!r} with a quoted text.")
    return text_sql("x.value", operator, value, arguments)


def _means_no_prompt(comparison: Comparison) -> bool:
    """Clients ask for models that are no prompts; those have no such tag at all."""
    asked = comparison.operator, comparison.value
    return comparison.field.key == HIDDEN_TAG and asked in (("=", "false"), ("!=", "true"))
