"""What the doctor looks at: the stores, then what lies between them."""

import time
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min, Q
from django.utils import timezone

from features.queries.stores import store_healths
from registry.disk import check_room
from registry.enums import OutboxStatus
from registry.models import OutboxEntry
from registry.store_health import Problem, StoreHealth

LATE_SECONDS = 60


@dataclass(frozen=True)
class Diagnosis:
    """Everything the doctor found."""

    stores: list[StoreHealth]
    outbox_waiting: int | None
    outbox_parked: int | None
    outbox_age_seconds: float | None
    problems: list[Problem]
    seconds: float

    @property
    def is_well(self) -> bool:
        """Whether nothing wants mending."""
        return not self.problems and not any(store.problems for store in self.stores)


def diagnose() -> Diagnosis:
    """Ask every store, then look at migrations, outbox and artifact folder; never raises."""
    began = time.monotonic()
    stores = store_healths()
    problems = check_room("The artifact store", str(settings.ARTIFACT_ROOT.parent))
    waiting = parked = age = None
    if stores[0].is_up:
        try:
            problems += _pending_migrations()
            waiting, parked, age = _outbox()
            problems += _outbox_problems(waiting, parked, age)
        except DatabaseError as error:
            cause = f"PostgreSQL's tables can't be read: {str(error).splitlines()[0]}"
            problems.append(Problem(cause, "Create them: manage.py init_stores"))
    return Diagnosis(stores, waiting, parked, age, problems, time.monotonic() - began)


def _pending_migrations() -> list[Problem]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return []
    names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in plan[:5])
    return [Problem(f"{len(plan)} migrations are pending: {names}.", "Run them: manage.py init_stores")]


def _outbox() -> tuple[int, int, float | None]:
    found = OutboxEntry.objects.aggregate(
        waiting=Count("pk", filter=Q(status=OutboxStatus.DUE)),
        parked=Count("pk", filter=Q(status=OutboxStatus.PARKED)),
        oldest=Min("created_at", filter=Q(status=OutboxStatus.DUE)),
    )
    oldest = found["oldest"]
    age = (timezone.now() - oldest).total_seconds() if oldest else None
    return found["waiting"], found["parked"], age


def _outbox_problems(waiting: int, parked: int, age: float | None) -> list[Problem]:
    problems = []
    if age is not None and age > LATE_SECONDS:
        cause = f"{waiting} effects have waited for MongoDB for up to {age:.0f} s."
        problems.append(Problem(cause, "Deliver them: manage.py init_stores", is_fatal=False))
    if parked:
        cause = f"{parked} effects are parked: MongoDB will not take them as they are."
        problems.append(
            Problem(cause, "Read the reasons in the admin, under outbox entries.", is_fatal=False)
        )
    return problems
