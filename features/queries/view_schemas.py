"""The schemas of feature views, known for a second by each process.

PostgreSQL is asked once a second and view at most. While it is away, a process goes on with what it
knows, and one that knows nothing takes the copy in Redis.
"""

import dataclasses
import time
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError

from features.models import FeatureView
from features.online import view_copies
from features.remembered import Remembered
from features.view_schema import FeatureField, ViewSchema
from registry.exceptions import NotFoundError, StoreUnavailableError

FRESH_SECONDS = 1.0
COPY_SECONDS = 60.0  # Redis may have lost the copy, or an older one was put over it
Asked = tuple[str, int | None]  # name, version; None: the active one

_copied: dict[Asked, tuple[ViewSchema, float]] = {}  # what Redis has, and until when that is believed


def view_schema(name: str, *, version: int | None = None) -> ViewSchema:
    """A version of a view, by default the active one, at most a second old.

    Raises:
        NotFoundError: there is no such view.
        StoreUnavailableError: PostgreSQL is away, and neither this process nor Redis knows the view.
    """
    try:
        return _remembered((name, version))
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailableError(f"PostgreSQL is away, and nothing is known of {name}.") from error


def all_view_schemas() -> list[ViewSchema]:
    """The active version of every view, by name (two statements)."""
    return _read(is_active=True)


def forget_view_schemas() -> None:
    """Ask PostgreSQL again at the next call: after a change of definitions in this process."""
    _remembered.forget()
    _copied.clear()


def _asked(asked: Asked) -> ViewSchema:
    name, version = asked
    found = _read(name=name, **({"is_active": True} if version is None else {"version": version}))
    if not found:
        called = f"{name} version {version}" if version else f"{name} with an active version"
        raise NotFoundError(f"There is no feature view {called}.")
    _keep_copy(asked, found[0])
    return found[0]


def _keep_copy(asked: Asked, schema: ViewSchema) -> None:
    copied, now = _copied.get(asked), time.monotonic()
    if copied is not None and copied[0] == schema and now < copied[1]:
        return
    if view_copies.keep(_field(asked), orjson.dumps(dataclasses.asdict(schema))):
        _copied[asked] = (schema, now + COPY_SECONDS)


def _copy(asked: Asked) -> ViewSchema | None:
    kept = view_copies.find(_field(asked))
    if kept is None:
        return None
    told = orjson.loads(kept)
    fields = tuple(FeatureField(**field) for field in told.pop("fields"))
    return ViewSchema(**{**told, "join_keys": tuple(told["join_keys"]), "fields": fields})


def _field(asked: Asked) -> str:
    name, version = asked
    return name if version is None else f"{name}@{version}"


def _read(**conditions: Any) -> list[ViewSchema]:
    views = FeatureView.objects.filter(**conditions).select_related("entity").prefetch_related("features")
    return [_schema(view) for view in views.order_by("name", "version")]


def _schema(view: FeatureView) -> ViewSchema:
    return ViewSchema(
        name=view.name,
        version=view.version,
        entity=view.entity.name,
        join_keys=tuple(view.entity.join_keys),
        fields=tuple(FeatureField(feature.name, feature.value_type) for feature in view.features.all()),
        ttl_seconds=view.ttl_seconds,
    )


_remembered: Remembered[Asked, ViewSchema] = Remembered(_asked, seconds=FRESH_SECONDS, fallback=_copy)
