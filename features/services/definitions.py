"""Definitions in code brought to PostgreSQL: what changed becomes a version beside the one that serves."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection, transaction

from features.definitions import VIEWS, EntityDefinition, ViewDefinition
from features.models import Entity, Feature, FeatureView
from registry.exceptions import ConflictError
from registry.sync import audit

LOCK = 0x64656673  # "defs": one writer of definitions at a time


class Kind(StrEnum):
    """What a definition means for PostgreSQL."""

    NEW = "new"
    CHANGED = "changed"
    REWORDED = "reworded"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Change:
    """A definition against PostgreSQL; ``version`` is the one that it is, or becomes."""

    definition: ViewDefinition
    kind: Kind
    version: int
    details: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The view."""
        return self.definition.name


def definition_changes(definitions: Sequence[ViewDefinition] = VIEWS) -> list[Change]:
    """What :func:`apply_definitions` would do (two statements a view).

    Raises:
        ConflictError: an entity stands with other join keys.
    """
    for entity in _entities(definitions):
        _check_entity(entity)
    return [_change(definition) for definition in definitions]


def apply_definitions(definitions: Sequence[ViewDefinition] = VIEWS) -> list[Change]:
    """Write what is new or changed, in one transaction; what is as it was stays untouched.

    The first version of a view is active at once, a later one when it is activated.

    Raises:
        ConflictError: an entity stands with other join keys.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        changes = definition_changes(definitions)
        for change in changes:
            if change.kind is Kind.REWORDED:
                _reword(change)
            elif change.kind is not Kind.UNCHANGED:
                _create(change)
    return changes


def version_of(definition: ViewDefinition) -> FeatureView | None:
    """The newest version in PostgreSQL that is defined as the code says (two statements)."""
    versions = FeatureView.objects.filter(name=definition.name).order_by("-version")
    rows = versions.select_related("entity").prefetch_related("features")
    return next((row for row in rows if _same(row, definition)), None)


def _entities(definitions: Iterable[ViewDefinition]) -> list[EntityDefinition]:
    return list({each.entity.name: each.entity for each in definitions}.values())


def _check_entity(wanted: EntityDefinition) -> None:
    stands = Entity.objects.filter(name=wanted.name).first()
    if stands is not None and tuple(stands.join_keys) != wanted.join_keys:
        raise ConflictError(
            f"The entity {wanted.name} has the join keys {', '.join(stands.join_keys)}, on which its views"
            f" depend. Define another entity for {', '.join(wanted.join_keys)}."
        )


def _change(definition: ViewDefinition) -> Change:
    stands = version_of(definition)
    if stands is not None:
        kind = Kind.UNCHANGED if _worded_alike(stands, definition) else Kind.REWORDED
        return Change(definition, kind, stands.version)
    newest = FeatureView.objects.filter(name=definition.name).order_by("-version").first()
    if newest is None:
        return Change(definition, Kind.NEW, 1)
    return Change(definition, Kind.CHANGED, newest.version + 1, tuple(_differences(newest, definition)))


def _same(row: FeatureView, definition: ViewDefinition) -> bool:
    return next(_differences(row, definition), None) is None


def _differences(row: FeatureView, definition: ViewDefinition) -> Iterator[str]:
    stand = {each.name: each.value_type for each in row.features.all()}
    wanted = {each.name: each.value_type for each in definition.features}
    yield from (f"- {name} ({stand[name]})" for name in stand if name not in wanted)
    yield from (f"+ {name} ({wanted[name]})" for name in wanted if name not in stand)
    for name in stand.keys() & wanted.keys():
        if stand[name] != wanted[name]:
            yield f"{name}: {stand[name]} becomes {wanted[name]}"
    if stand.keys() == wanted.keys() and list(stand) != list(wanted):
        yield "another order of features"
    if row.entity.name != definition.entity.name:
        yield f"entity: {row.entity.name} becomes {definition.entity.name}"
    if row.ttl_seconds != definition.ttl_seconds:
        yield f"TTL: {_told(row.ttl_seconds)} becomes {_told(definition.ttl_seconds)}"
    if row.source_digest != definition.source_digest:
        yield "computed by another SQL"


def _told(ttl_seconds: int | None) -> str:
    return "none" if ttl_seconds is None else f"{ttl_seconds} s"


def _words(definition: ViewDefinition) -> dict[str, str]:
    return {"owner": definition.owner, "description": definition.description}


def _worded_alike(row: FeatureView, definition: ViewDefinition) -> bool:
    stand = [(each.name, each.description) for each in row.features.all()]
    wanted = [(each.name, each.description) for each in definition.features]
    return stand == wanted and all(getattr(row, name) == words for name, words in _words(definition).items())


def _reword(change: Change) -> None:
    view = FeatureView.objects.get(name=change.name, version=change.version)
    FeatureView.objects.filter(pk=view.pk).update(**_words(change.definition))
    for feature in change.definition.features:
        view.features.filter(name=feature.name).update(description=feature.description)
    audit.record(action="feature_view.reword", subject_id=change.name, details={"version": change.version})


def _create(change: Change) -> None:
    wanted = change.definition
    entity, _ = Entity.objects.get_or_create(
        name=wanted.entity.name,
        defaults={"join_keys": list(wanted.entity.join_keys), "description": wanted.entity.description},
    )
    view = FeatureView.objects.create(
        name=wanted.name,
        version=change.version,
        entity=entity,
        ttl_seconds=wanted.ttl_seconds,
        source_digest=wanted.source_digest,
        is_active=not FeatureView.objects.filter(name=wanted.name, is_active=True).exists(),
        **_words(wanted),
    )
    Feature.objects.bulk_create(
        Feature(
            view=view,
            name=each.name,
            value_type=each.value_type,
            position=position,
            description=each.description,
        )
        for position, each in enumerate(wanted.features)
    )
    details = {"version": change.version, "changes": list(change.details)}
    audit.record(action="feature_view.define", subject_id=wanted.name, details=details)
