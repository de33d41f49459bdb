"""The schemas of feature views, known for a second by each process.

PostgreSQL is asked once a second and view at most. While it is away, a process goes on with what it
knows, and one that knows nothing takes the copy in Redis.
"""

import dataclasses
import threading
import time
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError

from features.models import FeatureView
from features.online import view_copies
from features.view_schema import FeatureField, ViewSchema
from registry.exceptions import NotFoundError, StoreUnavailableError
from registry.postgres.deadlines import within

FRESH_SECONDS = 1.0
WAIT_SECONDS = 0.5
Known = tuple[float, ViewSchema]  # until when, on the monotonic clock

_known: dict[tuple[str, int | None], Known] = {}
_copied: dict[tuple[str, int | None], ViewSchema] = {}
_asking = threading.Lock()


def view_schema(name: str, *, version: int | None = None) -> ViewSchema:
    """A version of a view, by default the active one, at most a second old.

    Raises:
        NotFoundError: there is no such view.
        StoreUnavailableError: PostgreSQL is away, and neither this process nor Redis knows the view.
    """
    asked = (name, version)
    known = _known.get(asked)
    if known is not None and time.monotonic() < known[0]:
        return known[1]
    # One thread asks; the others go on with what was true a moment ago.
    is_ours = _asking.acquire(blocking=known is None)
    try:
        return _asked(asked, known) if is_ours else known[1]  # type: ignore[index] # known unless ours
    finally:
        if is_ours:
            _asking.release()


def all_view_schemas() -> list[ViewSchema]:
    """The active version of every view, by name (two statements)."""
    return _read(is_active=True)


def forget_view_schemas() -> None:
    """Ask PostgreSQL again at the next call: after a change of definitions in this process."""
    _known.clear()
    _copied.clear()


def _asked(asked: tuple[str, int | None], known: Known | None) -> ViewSchema:
    name, version = asked
    try:
        with within(WAIT_SECONDS):
            found = _read(name=name, **({"is_active": True} if version is None else {"version": version}))
    except (OperationalError, InterfaceError) as error:
        schema = known[1] if known else _copy(asked)
        if schema is None:
            raise StoreUnavailableError(f"PostgreSQL is away, and nothing is known of {name}.") from error
    else:
        if not found:
            _known.pop(asked, None)
            called = f"{name} version {version}" if version else f"{name} with an active version"
            raise NotFoundError(f"There is no feature view {called}.")
        schema = known[1] if known and known[1] == found[0] else found[0]
        if _copied.get(asked) != schema:
            _copied[asked] = schema
            view_copies.keep(_field(asked), orjson.dumps(dataclasses.asdict(schema)))
    _known[asked] = (time.monotonic() + FRESH_SECONDS, schema)
    return schema


def _copy(asked: tuple[str, int | None]) -> ViewSchema | None:
    kept = view_copies.find(_field(asked))
    if kept is None:
        return None
    told = orjson.loads(kept)
    fields = tuple(FeatureField(**field) for field in told.pop("fields"))
    return ViewSchema(**{**told, "join_keys": tuple(told["join_keys"]), "fields": fields})


def _field(asked: tuple[str, int | None]) -> str:
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
