"""Which version of a view serves."""

from django.db import transaction

from features.models import FeatureValue, FeatureView
from features.queries.view_schemas import forget_view_schemas, view_schema
from registry.exceptions import ConflictError, NotFoundError
from registry.sync import audit


def activate_view(*, name: str, version: int, force: bool = False) -> FeatureView:
    """Have a version serve from now on; other processes follow within a second.

    Args:
        force: although it is not materialised as far as the version that serves now.

    Raises:
        NotFoundError: there is no such version.
        ConflictError: it is not materialised so far, or would serve fewer entities; without ``force``.
    """
    with transaction.atomic():
        versions = {row.version: row for row in FeatureView.objects.select_for_update().filter(name=name)}
        if version not in versions:
            known = ", ".join(map(str, sorted(versions))) or "none at all"
            raise NotFoundError(f"The feature view {name} has no version {version}; it has {known}.")
        wanted = versions[version]
        active = next((row for row in versions.values() if row.is_active), None)
        if active == wanted:
            return wanted
        if not force:
            _require_materialized(wanted, active)
            _require_as_many(wanted, active)
        FeatureView.objects.filter(name=name, is_active=True).update(is_active=False)
        FeatureView.objects.filter(pk=wanted.pk).update(is_active=True)
        before = active.version if active else None
        details = {"version": version, "before": before, "force": force}
        audit.record(action="feature_view.activate", subject_id=name, details=details)
        transaction.on_commit(lambda: _tell_redis(name), robust=True)
    wanted.is_active = True
    return wanted


def _require_materialized(wanted: FeatureView, active: FeatureView | None) -> None:
    until, needed = wanted.materialized_until, active.materialized_until if active else None
    cure = f"Run `manage.py materialize --view {wanted.name} --version {wanted.version}` first."
    if until is None:
        raise ConflictError(f"{wanted} is not materialised. {cure}")
    if needed is not None and until < needed:
        raise ConflictError(f"{wanted} is materialised until {until}, the active one until {needed}. {cure}")


def _require_as_many(wanted: FeatureView, active: FeatureView | None) -> None:
    """What is pushed goes to the version that serves; a new one of such a view has nothing yet."""
    if active is None:
        return
    entities = FeatureValue.objects.order_by().values("entity_key").distinct()
    has, had = (entities.filter(view=view).count() for view in (wanted, active))
    if has < had:
        raise ConflictError(
            f"{wanted} has values of {has:,} entities, the active one of {had:,}: the others would be missing"
            " until they are computed or pushed again. --force activates it all the same."
        )


def _tell_redis(name: str) -> None:
    """Have the copy of the schema follow, for those who read it while PostgreSQL is away."""
    forget_view_schemas()
    view_schema(name)
