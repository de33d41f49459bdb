"""Every call to PostgreSQL ends by its deadline, through a proxy that misbehaves."""

import io
import os
import threading
import time
from collections.abc import Iterator

import psycopg2
import pytest
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from registry.breakers import POSTGRESQL, State
from registry.postgres.deadlines import within
from tests.fault_proxy import FaultProxy, Mode
from tests.resilience.timing import timed, until

pytestmark = pytest.mark.django_db
FAILURES = (OperationalError, psycopg2.OperationalError)


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    with FaultProxy(int(connections["default"].settings_dict["PORT"])) as proxy:
        yield proxy


@pytest.fixture
def database(proxy: FaultProxy) -> Iterator[BaseDatabaseWrapper]:
    """Django's connection, through the proxy."""
    database = connections["default"].copy()
    database.settings_dict |= {"HOST": "127.0.0.1", "PORT": proxy.port}
    database.ensure_connection()
    yield database
    database.close()


def ask(database: BaseDatabaseWrapper, sql: str = "SELECT 41 + 1") -> int:
    with database.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def is_refused_at_once(database: BaseDatabaseWrapper) -> bool:
    """Not so where the question came so late that it was the probe."""
    with timed() as took, pytest.raises(OperationalError) as caught, within(1):
        ask(database)
    return "left alone" in str(caught.value) and took.seconds < 0.1


@pytest.mark.parametrize("mode", ["blackhole", "half-open"])
def test_a_statement_ends_by_its_deadline(
    database: BaseDatabaseWrapper, proxy: FaultProxy, mode: Mode
) -> None:
    proxy.mode = mode
    with timed() as took, pytest.raises(OperationalError, match="did not answer within 0.5 s"), within(0.5):
        ask(database)
    assert 0.45 < took.seconds < 5
    proxy.mode = "ok"
    database.close_if_unusable_or_obsolete()
    assert ask(database) == 42


def test_a_health_check_of_a_hung_server_fails_within_a_second(
    database: BaseDatabaseWrapper, proxy: FaultProxy
) -> None:
    proxy.mode = "blackhole"
    with timed() as took:
        assert not database.is_usable()
    assert took.seconds < 6


def test_copy_commit_and_server_side_cursors_end_by_the_deadline(
    database: BaseDatabaseWrapper, proxy: FaultProxy
) -> None:
    def copy() -> None:
        with database.cursor() as cursor:
            cursor.copy_expert("COPY kept FROM STDIN", io.StringIO("1\n" * 10))

    def commit() -> None:
        database.connection.commit()

    def fetch() -> None:
        list(rows)

    for call in (copy, commit, fetch):
        database.close()
        database.ensure_connection()
        database.set_autocommit(False)
        with database.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE kept (number int)")
        rows = database.connection.cursor("rows")
        rows.itersize = 10
        rows.execute("SELECT generate_series(1, 100000)")
        next(rows)
        proxy.mode = "blackhole"
        with timed() as took, pytest.raises(FAILURES, match=r"within 0\.\d s"), within(0.4):
            call()
        assert took.seconds < 6, call
        proxy.mode = "ok"
        POSTGRESQL.reset()


@pytest.mark.parametrize("mode", ["blackhole", "refuse", "reset"])
def test_the_breaker_opens_and_closes_by_itself(
    database: BaseDatabaseWrapper, proxy: FaultProxy, mode: Mode
) -> None:
    proxy.mode = mode
    with timed() as took:
        while POSTGRESQL.state is State.CLOSED:
            with pytest.raises(FAILURES), within(1):  # noqa: PT012
                database.close_if_unusable_or_obsolete()
                ask(database)
    assert took.seconds < 20
    until(lambda: is_refused_at_once(database), seconds=20)
    proxy.mode = "ok"

    def answers() -> bool:
        try:
            database.close()
            return ask(database) == 42
        except OperationalError:
            return False

    until(answers, seconds=20)
    assert POSTGRESQL.state is State.CLOSED


def test_what_the_server_itself_refuses_does_not_open_the_breaker(database: BaseDatabaseWrapper) -> None:
    for _ in range(4):
        with pytest.raises(Exception, match="does not exist"):
            ask(database, "SELECT * FROM no_such_table")
        with pytest.raises(OperationalError, match="statement timeout"), database.cursor() as cursor:
            cursor.execute("SET statement_timeout = 20; SELECT pg_sleep(1)")
    parameters = database.get_connection_params() | {"dbname": "no_such_database"}
    for _ in range(4):
        with pytest.raises(psycopg2.OperationalError, match="FATAL"):
            psycopg2.connect(**parameters)
    assert POSTGRESQL.state is State.CLOSED


def test_a_slow_statement_is_cancelled_and_its_connection_kept(database: BaseDatabaseWrapper) -> None:
    kept = database.connection
    with timed() as took, pytest.raises(OperationalError, match="user request"), within(3):
        ask(database, "SELECT 1 FROM pg_sleep(20)")
    assert took.seconds < 12
    assert ask(database) == 42
    assert database.connection is kept
    assert POSTGRESQL._failures == 0


def test_a_request_waits_for_its_budget_in_all_not_for_each_statement(database: BaseDatabaseWrapper) -> None:
    with timed() as took, pytest.raises(OperationalError), within(0.6):  # noqa: PT012
        for _ in range(40):
            ask(database, "SELECT 1 FROM pg_sleep(0.25)")
    assert took.seconds < 6


def test_a_used_up_budget_is_told_without_asking(database: BaseDatabaseWrapper) -> None:
    with within(0), pytest.raises(OperationalError, match="used up"):
        ask(database)
    assert POSTGRESQL._failures == 0


def test_a_transaction_under_way_ends_although_the_breaker_opened(database: BaseDatabaseWrapper) -> None:
    database.set_autocommit(False)
    assert ask(database) == 42
    for _ in range(3):
        POSTGRESQL.failed()
    assert ask(database, "SELECT 43") == 43
    database.commit()


def test_threads_wait_side_by_side(database: BaseDatabaseWrapper, proxy: FaultProxy) -> None:
    parameters = database.get_connection_params()
    open_ones = [psycopg2.connect(**parameters) for _ in range(16)]
    proxy.mode = "blackhole"

    def wait(each: psycopg2.extensions.connection) -> None:
        with pytest.raises(psycopg2.OperationalError), within(0.5), each.cursor() as cursor:
            cursor.execute("SELECT 5")

    threads = [threading.Thread(target=wait, args=(each,)) for each in open_ones]
    with timed() as took:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert took.seconds < 6
    assert all(each.closed for each in open_ones)


def test_a_forked_process_has_a_watchdog_of_its_own(database: BaseDatabaseWrapper, proxy: FaultProxy) -> None:
    assert ask(database) == 42  # the thread runs here
    parameters = database.get_connection_params()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            connection = psycopg2.connect(**parameters)
            with within(0.3):
                connection.cursor().execute("SELECT pg_sleep(30)")
        except psycopg2.OperationalError:
            status = 0
        finally:
            os._exit(status)
    began = time.monotonic()
    assert os.waitpid(child, 0)[1] == 0
    assert time.monotonic() - began < 10
