"""What must be known of a feature view to read or write its values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from features.packing import Codec
from registry.exceptions import BadInputError

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True)
class FeatureField:
    """One typed value; ``value_type`` is one of ``Feature.Type``: float, int, bool, string, vector."""

    name: str
    value_type: str


@dataclass(frozen=True)
class ViewSchema:
    """One version of a view. Its fields never change: another definition is another version.

    Raises:
        BadInputError: a name can't be part of ``view:feature``.
    """

    name: str
    version: int
    entity: str
    join_keys: tuple[str, ...]
    fields: tuple[FeatureField, ...]
    ttl_seconds: int | None

    def __post_init__(self) -> None:
        for name in (self.name, self.entity):
            if not NAME.fullmatch(name):
                raise BadInputError(f"{name!r} is no name: letters, digits, _, - and ., at most 100.")

    @cached_property
    def codec(self) -> Codec:
        """Packs and unpacks this version's values."""
        return Codec([(field.name, field.value_type) for field in self.fields])

    def places(self, features: Sequence[str]) -> list[int]:
        """Where these features stand among the fields.

        Raises:
            BadInputError: the view has no such feature.
        """
        try:
            return [self._places[name] for name in features]
        except KeyError as error:
            known = ", ".join(self.names)
            raise BadInputError(f"The view {self.name} has no feature {error}; it has {known}.") from None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The features' names, in order."""
        return tuple(field.name for field in self.fields)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}
