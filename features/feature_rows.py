"""Rows and columns of online features, as they are asked for and answered."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from features.view_schema import ViewSchema


class Status(StrEnum):
    """What is known of a value, in Feast's words."""

    PRESENT = "PRESENT"
    NULL_VALUE = "NULL_VALUE"
    NOT_FOUND = "NOT_FOUND"
    OUTSIDE_MAX_AGE = "OUTSIDE_MAX_AGE"


@dataclass(frozen=True, slots=True)
class OnlineRow:
    """Values to write; a feature that is left out is null."""

    entity_key: str
    event_at: dt.datetime
    values: Mapping[str, Any]


class FeatureRow(NamedTuple):
    """One entity of one view. A null among the ``values`` is a value that is NULL_VALUE.

    ``values`` are in the order of the features that were asked for; None where NOT_FOUND. A row that
    is OUTSIDE_MAX_AGE has its values, for who wants them. Times in ms since 1970.
    """

    status: Status
    values: tuple[Any, ...] | None
    event_ms: int | None
    written_ms: int | None


class FeatureColumn(NamedTuple):
    """One feature of all entities that were asked for, in their order; None where there is no value."""

    view: ViewSchema
    feature: str
    values: list[Any]
    statuses: list[Status]
    event_ms: list[int | None]


@dataclass(frozen=True, slots=True)
class OnlineFeatures:
    """Columns by ``view:feature``; ``source`` is ``online``, or ``offline`` where Redis is away."""

    source: str
    columns: dict[str, FeatureColumn]

    def to_dict(self) -> dict[str, list[Any]]:
        """The values alone, by ``view:feature``."""
        return {name: column.values for name, column in self.columns.items()}


NOTHING = FeatureRow(Status.NOT_FOUND, None, None, None)
