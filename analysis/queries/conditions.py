"""Conditions that people type on params and metrics: ``lr>0.01 and depth=3``."""

import re
from dataclasses import dataclass

from django.db.models import Q

from registry.exceptions import BadInputError
from registry.models import Metric, Param
from registry.models.param import number_in
from registry.models.run import RunQuerySet

LOOKUPS = {"=": "", ">": "__gt", ">=": "__gte", "<": "__lt", "<=": "__lte"}
CONDITION = re.compile(r"(?P<key>[^<>=!]+?)\s*(?P<operator><=|>=|!=|=|<|>)\s*(?P<value>.+)")


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; ``number`` is None where the value is text."""

    key: str
    operator: str
    value: str
    number: float | None


def parsed(text: str) -> list[Condition]:
    """The comparisons in ``text``, joined by ``and``.

    Raises:
        BadInputError: A part is no comparison; the message shows one that is.
    """
    return [_one(part.strip()) for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE)]


def _one(part: str) -> Condition:
    found = CONDITION.fullmatch(part)
    if found is None:
        raise BadInputError(f"“{part}” is no condition. Write a name, one of = != > >= < <=, and a value.")
    value = found["value"].strip("\"'")
    condition = Condition(found["key"], found["operator"], value, number_in(value))
    if condition.number is None and condition.operator not in ("=", "!="):
        raise BadInputError(f"“{value}” is no number, so it has no order. Compare it by = or !=.")
    return condition


def with_param(runs: RunQuerySet, condition: Condition) -> RunQuerySet:
    """The runs whose param meets the condition: as a number where both are numbers."""
    if condition.number is None:
        return _having(runs, Param, "value", condition.value, condition)
    return _having(runs, Param, "value_number", condition.number, condition)


def with_metric(runs: RunQuerySet, condition: Condition) -> RunQuerySet:
    """The runs whose metric's latest value meets the condition.

    Raises:
        BadInputError: The value is no number.
    """
    if condition.number is None:
        raise BadInputError(f"A metric is a number, and “{condition.value}” is none.")
    return _having(runs, Metric, "latest_value", condition.number, condition)


def _having(
    runs: RunQuerySet, model: type[Param | Metric], field: str, value: object, condition: Condition
) -> RunQuerySet:
    lookup = LOOKUPS.get(condition.operator, "")
    test = Q((f"{field}{lookup}", value))
    rows = model._default_manager.filter(key=condition.key)
    rows = rows.exclude(test) if condition.operator == "!=" else rows.filter(test)
    return runs.filter(Q(("pk__in", rows.values("run"))))
