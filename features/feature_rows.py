"""Rows and columns of online features, as they are asked for and answered."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
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
    """Values to write; a feature that is left out is null.

    ``written_at`` is when PostgreSQL took them: of one event time the later stands. None: now.
    """

    entity_key: str
    event_at: dt.datetime
    values: Mapping[str, Any]
    written_at: dt.datetime | None = None


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


class ViewAnswer(NamedTuple):
    """What one view answers: a list of values for each feature, all of one length.

    ``references`` are the features' names with the view's; ``statuses`` are of whole rows, and ``rows`` are
    there only where a value may be null.
    """

    view: ViewSchema
    references: Sequence[str]
    features: Sequence[str]
    values: list[list[Any]]
    statuses: list[Status]
    event_ms: list[int | None]
    rows: Sequence[FeatureRow] | None = None

    def columns(self) -> Iterator[FeatureColumn]:
        """A column for each feature."""
        for feature, values in zip(self.features, self.values, strict=True):
            yield FeatureColumn(self.view, feature, values, self._statuses_of(values), self.event_ms)

    def _statuses_of(self, values: list[Any]) -> list[Status]:
        if self.rows is None:
            return self.statuses
        return [
            Status.NULL_VALUE if value is None and row.values is not None else row.status
            for value, row in zip(values, self.rows, strict=True)
        ]


class OnlineFeatures:
    """What was asked for; ``source`` is ``online``, or ``offline`` where Redis is away."""

    def __init__(self, source: str, features: Sequence[str], answers: Sequence[ViewAnswer]) -> None:
        self.source = source
        self._features, self._answers = features, answers

    @cached_property
    def columns(self) -> dict[str, FeatureColumn]:
        """Columns by ``view:feature``, in the order asked."""
        found = {
            reference: column
            for answer in self._answers
            for reference, column in zip(answer.references, answer.columns(), strict=True)
        }
        return {name: found[name] for name in self._features}

    def to_dict(self) -> dict[str, list[Any]]:
        """The values alone, by ``view:feature``, in the order asked."""
        if len(self._answers) == 1:
            (answer,) = self._answers
            return dict(zip(answer.references, answer.values, strict=True))
        return {name: column.values for name, column in self.columns.items()}


NOTHING = FeatureRow(Status.NOT_FOUND, None, None, None)
