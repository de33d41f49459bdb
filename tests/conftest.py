"""Fixtures on the real servers."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from django.conf import LazySettings
from django.db import connection as postgresql
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pymongo.database import Database

from analysis.queries import run_detail
from analysis.queries.comparison import bodies
from analysis.queries.experiments import detail
from analysis.queries.moves import capture
from features import remembered
from features.online import health
from features.queries import stores, view_schemas
from features.queries.view_schemas import forget_view_schemas
from mlplatform_site.health import views as probes
from mlplatform_site.stack.rabbitmq import RabbitNode
from registry import breakers
from registry.documents import collections, connection
from registry.enums import OutboxTarget
from registry.sync import mongodb_target
from registry.sync.capture import slots
from registry.sync.targets import TARGETS
from tests.emptying import empty_redis, empty_the_database
from tests.working import empty_the_broker

# run by `make mlflow` and `make feast`, in environments that have the clients
collect_ignore = ["mlflow_client", "feast_client"]

# of the faults: minutes each, the longest first
LONGEST = (
    "test_seed_demo", "test_every_route", "test_saga_crashes", "test_chaos", "test_single_faults",
    "test_doctor", "test_demo", "test_recovery", "test_backfill_crashes", "test_cutover_crashes",
)  # fmt: skip

TransactionTestCase._fixture_teardown = empty_the_database
# Two busy cores: how long an example takes says nothing about it.
hypothesis_settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of long tests first, so that no worker is left alone with one at the end."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (rank.get(item.path.stem, len(LONGEST)), item.path not in long))


@pytest.fixture(autouse=True, scope="session")
def _patience() -> Iterator[None]:
    """Two busy cores: what a test expects of stores that are there must not hang on half a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remembered, "WAIT_SECONDS", 20.0)
        # Statements are counted where a schema is known; how long it is known has a test of its own.
        patch.setattr(view_schemas._remembered, "_seconds", 60.0)
        for pages in (run_detail, detail):
            patch.setattr(pages, "BODY_SECONDS", 20.0)
        patch.setattr(bodies, "SECONDS", 20.0)
        patch.setattr(capture, "STORE_SECONDS", 8.0)
        # A server that is asked for its health, too; MongoDB's is left, whose driver waits as long for no server.
        patch.setitem(stores.store_healths.__kwdefaults__, "deadline_seconds", 20.0)
        patch.setattr(health, "DEADLINE_SECONDS", 20.0)
        patch.setattr(probes, "READY_SECONDS", 20.0)
        # A store that is slow for two seconds is not away, nor has a reader stayed that PostgreSQL saw leave late.
        patch.setattr(mongodb_target, "PING_SECONDS", 10.0)
        patch.setattr(slots, "READER_GONE_SECONDS", 30.0)
        yield


@pytest.fixture(autouse=True)
def _closed_breakers() -> Iterator[None]:
    """A store that a test took away is not left alone in the next one, and its views are forgotten."""
    yield
    forget_view_schemas()
    breakers.reset_all()


@pytest.fixture(scope="session")
def _collections() -> None:
    for _ in collections.create_collections():
        pass


@pytest.fixture
def mongo(_collections: None) -> Database[dict[str, Any]]:
    """The worker's own MongoDB database, its collections there and empty."""
    assert connection.database_name().endswith("_test")
    database = connection.database()
    for spec in collections.SPECS:
        database[spec.name].delete_many({})
    return database


@pytest.fixture
def redis_keys() -> None:
    """The worker's own Redis keys, none of them there, and the store believed to be whole."""
    empty_redis()


@pytest.fixture(params=["redis", pytest.param("rabbitmq", marks=pytest.mark.rabbit)])
def broker(request: pytest.FixtureRequest, settings: LazySettings) -> Iterator[str]:
    """The worker's own queues, all of them empty: on Redis, and under ``make rabbit`` on RabbitMQ."""
    if request.param == "rabbitmq":
        settings.BROKER_URL = request.getfixturevalue("rabbit_node").url
    empty_the_broker()
    yield request.param
    TARGETS[OutboxTarget.CELERY].close()


@pytest.fixture
def mongodb_away(mongo: None, settings: LazySettings) -> Iterator[Callable[[], None]]:
    """Point the client at a port where nothing answers; the value brings MongoDB back."""
    url, timeout = settings.MONGODB_URL, settings.MONGODB_TIMEOUT_MS
    patience, settings.FAST_PATH_TIMEOUT_MS = settings.FAST_PATH_TIMEOUT_MS, 100
    settings.MONGODB_URL, settings.MONGODB_TIMEOUT_MS = "mongodb://127.0.0.1:1/x", 50
    connection.register()

    def back() -> None:
        settings.MONGODB_URL, settings.MONGODB_TIMEOUT_MS = url, timeout
        settings.FAST_PATH_TIMEOUT_MS = patience
        connection.register()

    yield back
    back()


@pytest.fixture(scope="session")
def rabbit_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitNode]:
    """RabbitMQ, for tests marked ``rabbit``; whoever kills it starts it again."""
    with RabbitNode(tmp_path_factory.mktemp("rabbitmq")) as node:
        yield node


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """A killed run's replication slots would keep its database from being dropped."""
    parameters = postgresql.get_connection_params() | {"dbname": postgresql.settings_dict["TEST"]["NAME"]}
    named = {name: parameters[name] for name in ("dbname", "host", "port", "user", "password")}
    with contextlib.suppress(psycopg2.OperationalError):  # there was no such run
        left = psycopg2.connect(**named)
        left.autocommit = True
        with contextlib.closing(left), left.cursor() as cursor:
            cursor.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                " WHERE database = current_database() AND NOT active"
            )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """End the sessions that probes with a deadline left behind, so that the database can be dropped."""
    yield
    with django_db_blocker.unblock(), postgresql.cursor() as cursor:
        assert "_test" in postgresql.settings_dict["NAME"]
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
