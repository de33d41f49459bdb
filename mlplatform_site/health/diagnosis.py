"""What the doctor looks at: the stores, then what lies between them."""

import time
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from features.online.whole import is_whole
from features.queries.stores import store_healths
from registry.disk import check_room
from registry.exceptions import StoreUnavailableError
from registry.messaging.health import messaging_problems
from registry.queries.outbox import Lag, outbox_lag
from registry.store_health import Problem, StoreHealth
from registry.sync.capture.status import capture_problems
from registry.sync.dual_write.status import dual_write_problems

LATE_SECONDS = 60


@dataclass(frozen=True)
class Diagnosis:
    """Everything the doctor found."""

    stores: list[StoreHealth]
    outbox: Lag | None
    problems: list[Problem]
    seconds: float

    @property
    def is_well(self) -> bool:
        """Whether nothing wants mending."""
        return not self.problems and not any(store.problems for store in self.stores)


def diagnose() -> Diagnosis:
    """Ask every store, then look at migrations, outbox, messages, capture, moves and disk; never raises."""
    began = time.monotonic()
    stores = store_healths()
    problems = _features_problems() + check_room("The artifact store", str(settings.ARTIFACT_ROOT.parent))
    lag = None
    if stores[0].is_up:
        try:
            problems += _pending_migrations()
            lag = outbox_lag()
            problems += _outbox_problems(lag)
            problems += messaging_problems()
            problems += capture_problems()
            problems += dual_write_problems()
        except DatabaseError as error:
            cause = f"PostgreSQL's tables can't be read: {str(error).splitlines()[0]}"
            problems.append(Problem(cause, "Create them: manage.py init_stores"))
    return Diagnosis(stores, lag, problems, time.monotonic() - began)


def _features_problems() -> list[Problem]:
    try:
        if is_whole():
            return []
    except StoreUnavailableError:
        return []  # told of the store itself
    cause = "Redis (store) is not filled, or was emptied: features are served from PostgreSQL, slower."
    return [Problem(cause, "Bring them again: manage.py materialize", is_fatal=False)]


def _pending_migrations() -> list[Problem]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return []
    names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in plan[:5])
    return [Problem(f"{len(plan)} migrations are pending: {names}.", "Run them: manage.py init_stores")]


def _outbox_problems(lag: Lag) -> list[Problem]:
    problems = []
    if lag.seconds > LATE_SECONDS:
        where = ", ".join(f"{count} for {title}" for title, count in lag.waiting_by_target.items() if count)
        cause = f"Effects have waited for up to {lag.seconds:.0f} s: {where}."
        cure = "See that the relay runs: manage.py relay_outbox (with --once it delivers them and ends)"
        problems.append(Problem(cause, cure, is_fatal=False))
    if lag.parked:
        cause = f"{lag.parked} effects are parked: their store will not take them as they are."
        cure = "Read the reasons in the admin (outbox entries), then: manage.py relay_outbox --retry-parked"
        problems.append(Problem(cause, cure, is_fatal=False))
    return problems
