"""Which field a name means."""

import re

from lark import Token

from .errors import FilterError
from .subjects import DATASET_KEYS, KINDS, PREFIXES, Kind, Subject
from .tree import Entity, Field

# prefix, key (bare, or quoted in one of three ways), statistic of a quoted key
PARTS = re.compile(
    r"""(?P<prefix>[^\W\d]\w*|`[^`]*`|"[^"]*")"""
    r"""(?:\.(?P<key>`[^`]*`|"[^"]*"|'[^']*'|[\w/-]+(?:\.[\w/-]+)*))?"""
    r"""(?:\.(?P<statistic>max|min|last))?"""
)
STATISTIC = re.compile(r"(?P<key>.+)\.(?P<statistic>max|min|last)")
MAX_KEY = 1_000


def field(token: Token, text: str, subject: Subject) -> Field:
    """The subject's field that a token names.

    Raises:
        FilterError: the subject has none of that name.
    """
    at = token.start_pos or 0
    found = PARTS.fullmatch(token)
    if found is None:  # the grammar's FIELD is PARTS
        raise FilterError("This is not a field.", text, at)
    prefix, key = found["prefix"], found["key"]
    if key is None:
        return _checked(Field(Entity.ATTRIBUTE, subject.attribute(_bare(prefix))), text, at, subject)
    entity = _entity(_bare(prefix), text, at, subject)
    if entity is Entity.METRIC:
        return _metric(key, found["statistic"], text, at)
    plain = _bare(key) if found["statistic"] is None else f"{_bare(key)}.{found['statistic']}"
    name = subject.attribute(plain) if entity is Entity.ATTRIBUTE else plain
    return _checked(Field(entity, name), text, at, subject)


def kind_of(found: Field, subject: Subject) -> Kind:
    """What the field's values are."""
    if found.entity is Entity.ATTRIBUTE:
        return subject.attributes[found.key]
    return DATASET_KEYS[found.key] if found.entity is Entity.DATASET else KINDS[found.entity]


def _metric(key: str, statistic: str | None, text: str, at: int) -> Field:
    if statistic:
        return _long_enough(Field(Entity.METRIC, _bare(key), statistic), text, at)
    is_bare = key[0] not in "`\"'"
    split = STATISTIC.fullmatch(key) if is_bare else None
    if split:
        return Field(Entity.METRIC, split["key"], split["statistic"], or_key=key)
    return _long_enough(Field(Entity.METRIC, _bare(key)), text, at)


def _entity(prefix: str, text: str, at: int, subject: Subject) -> Entity:
    entity = PREFIXES.get(prefix)
    if entity is None or entity not in subject.entities or (prefix == "run" and subject.noun != "runs"):
        known = ", ".join(each.value for each in Entity if each in subject.entities)
        raise FilterError(f"Invalid entity type {prefix[:40]!r}. Valid values are {known}.", text, at)
    return entity


def _checked(found: Field, text: str, at: int, subject: Subject) -> Field:
    keys = {Entity.ATTRIBUTE: subject.attributes, Entity.DATASET: DATASET_KEYS}.get(found.entity)
    if keys is not None and found.key not in keys:
        raise FilterError(
            f"Invalid {found.entity.value} key {found.key[:40]!r}. Valid keys are {', '.join(keys)}.",
            text,
            at,
        )
    return _long_enough(found, text, at)


def _long_enough(found: Field, text: str, at: int) -> Field:
    if not 0 < len(found.key) <= MAX_KEY:
        raise FilterError(f"A key has 1 to {MAX_KEY} characters.", text, at)
    return found


def _bare(name: str) -> str:
    return name[1:-1] if name[0] in "`\"'" else name
