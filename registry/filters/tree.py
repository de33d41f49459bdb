"""What a filter says, as a tree."""

from dataclasses import dataclass
from enum import Enum

Value = str | float | tuple[str | float, ...] | None


class Entity(Enum):
    """What kind of thing a field belongs to."""

    ATTRIBUTE = "attribute"
    METRIC = "metric"
    PARAM = "param"
    TAG = "tag"
    DATASET = "dataset"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to compare or to sort by.

    ``metrics.auc.max`` may mean the greatest ``auc`` or the metric named ``auc.max``: its key is ``auc``,
    its statistic ``max``, and ``or_key`` is ``auc.max``; a run that has that metric is asked for it.
    """

    entity: Entity
    key: str
    statistic: str = "last"
    or_key: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field against a value; without one for ``IS NULL`` and ``IS NOT NULL``."""

    field: Field
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class And:
    """Every part holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Node"


Node = Comparison | And | Or | Not


@dataclass(frozen=True, slots=True)
class Order:
    """A field to sort by."""

    field: Field
    is_descending: bool
