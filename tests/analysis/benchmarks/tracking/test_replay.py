"""What is recorded between a client and PostgreSQL can be said again, COPY and all."""

import io
from urllib.parse import quote

import psycopg2
import pytest
from django.db import connection

from analysis.benchmarks.tracking.filling import MLFLOW, OURS
from analysis.benchmarks.tracking.recorder import Recorder
from analysis.benchmarks.tracking.replay import replay
from analysis.benchmarks.tracking.statements import Meter

pytestmark = pytest.mark.django_db


def url(port: int | None = None) -> str:
    known = connection.settings_dict
    password = quote(known["PASSWORD"], safe="")
    return f"postgres://{known['USER']}:{password}@127.0.0.1:{port or known['PORT']}/{known['NAME']}"


def test_statements_are_recorded_by_label_and_said_again() -> None:
    with Recorder(int(connection.settings_dict["PORT"])) as recorder:
        client = psycopg2.connect(url(recorder.port))
        with client.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE seen (word text)")
            with recorder.labelled("write"):
                cursor.copy_expert("COPY seen FROM STDIN", io.StringIO("a\nb\n" * 40_000))
            with recorder.labelled("read"):
                cursor.execute("SELECT count(*) FROM seen")
                assert cursor.fetchone() == (80_000,)
        client.close()
    told = [(each.label, each.sql) for each in recorder.statements]
    assert told == [
        ("", b"BEGIN"),
        ("", b"CREATE TEMP TABLE seen (word text)"),
        ("write", b"COPY seen FROM STDIN"),
        ("read", b"SELECT count(*) FROM seen"),
    ]
    assert len(recorder.statements[2].data) == 160_000
    seconds = replay(recorder.statements, url(), only_labelled=False)
    assert min(seconds["write"], seconds["read"]) > 0


def test_only_what_has_a_label_is_said_again_and_settings_of_the_connection() -> None:
    with Recorder(int(connection.settings_dict["PORT"])) as recorder:
        client = psycopg2.connect(url(recorder.port))
        client.autocommit = True
        with client.cursor() as cursor:
            cursor.execute("PREPARE one AS SELECT 1")
            cursor.execute("CREATE TEMP TABLE seen (word text)")
            with recorder.labelled("read"):
                cursor.execute("EXECUTE one")
        client.close()
    assert list(replay(recorder.statements, url(), only_labelled=True)) == ["", "read"]


def test_statements_of_one_database_are_counted() -> None:
    meter = Meter(url().rpartition("/")[0] + "/postgres")
    meter.reset()
    with connection.cursor() as cursor:
        for _ in range(5):
            cursor.execute("SELECT 41 + 1")
    asked = meter.read(url())
    meter.close()
    assert asked.calls >= 5
    assert asked.milliseconds > 0


def test_clones_keep_every_column_that_they_do_not_give() -> None:
    statement = MLFLOW[1].statement(["key", "value", "run_uuid"])
    assert statement.startswith('INSERT INTO params ("key", "value", "run_uuid") SELECT t."key", CASE t.key')
    with connection.cursor() as cursor:
        for clone in OURS:
            fields = connection.introspection.get_table_description(cursor, clone.table)
            assert {*clone.columns, *clone.left_out} <= {field.name for field in fields}
