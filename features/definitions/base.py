"""What a definition in code consists of."""

import hashlib
from dataclasses import dataclass

from features.models import Feature

Type = Feature.Type


@dataclass(frozen=True)
class EntityDefinition:
    """What features describe."""

    name: str
    join_keys: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True)
class FeatureDefinition:
    """One typed value of a view; ``value_type`` is one of ``Feature.Type``."""

    name: str
    value_type: str
    description: str = ""


@dataclass(frozen=True)
class ViewDefinition:
    """A group of features of one entity.

    Attributes:
        ttl_seconds: how long a value holds from its event time; None until it is replaced.
        source: a SELECT of ``entity_key`` and every feature by name, as of ``%(as_of)s``, of what was
            known before that time. Empty for a view whose values are pushed.
    """

    name: str
    entity: EntityDefinition
    features: tuple[FeatureDefinition, ...]
    ttl_seconds: int | None = None
    owner: str = ""
    description: str = ""
    source: str = ""

    @property
    def source_digest(self) -> str:
        """SHA-256 of the source, white space aside; empty without one."""
        return hashlib.sha256(" ".join(self.source.split()).encode()).hexdigest() if self.source else ""
