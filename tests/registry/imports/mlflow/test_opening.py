"""What a place is: a folder, a file, or an address."""

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection

from registry.imports.mlflow.addresses import parameters_of, place_of
from registry.imports.mlflow.opening import Wanted, open_source
from registry.imports.mlflow.tables import PostgresTables
from registry.imports.mlflow.values import UnreadableError
from registry.models import Import, TrainingRun
from tests.registry.imports.mlflow.reading import read, read_source
from tests.registry.imports.mlflow.stores import SCHEMA, USUAL, write_database, write_folder


def test_an_address_of_sqlite_is_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = write_database(tmp_path / "mlflow.db")
    monkeypatch.chdir(tmp_path)
    for address in (f"sqlite:///{place}", "sqlite:///mlflow.db", "mlflow.db", str(place)):
        source = open_source(address, Wanted())
        assert (source.kind, source.place) == ("mlflow", str(place))


def test_an_address_of_a_folder_is_its_path(tmp_path: Path) -> None:
    root = write_folder(tmp_path / "ml runs")
    for address in (root.as_uri(), str(root)):
        source = open_source(address, Wanted())
        assert (source.kind, source.place) == ("mlruns", str(root))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/no/such/place", "There is nothing at /no/such/place"),
        ("mysql://db/mlflow", "mysql:// is no place that can be read"),
        ("https://example.com", "https:// is no place that can be read"),
        ("file://[x", "is no address of a file"),
        ("postgresql://nobody:secret@127.0.0.1:1/x", "The database refused"),
        ("postgresql://nobody:%secret@127.0.0.1:1/x", "This is no address of a PostgreSQL database"),
        ("postgresql://nobody:x@secret@127.0.0.1:1/x", "no host that can be told from the password"),
        ("postgresql://nobody:secret/x@127.0.0.1:1/x", "no host that can be told from the password"),
    ],
)
def test_what_can_not_be_read_is_told(place: str, said: str) -> None:
    with pytest.raises(UnreadableError, match=said) as refused:
        open_source(place, Wanted())
    assert "secret" not in str(refused.value)


@pytest.fixture
def postgres_url(db: None) -> Iterator[str]:
    """A schema of its own in the test database, with MLflow's tables; nothing of it is left."""
    parameters = connection.get_connection_params()
    names = ("user", "password", "dbname", "host", "port")
    user, password, name, host, port = (quote(str(parameters.get(each, "")), safe="") for each in names)
    owner = psycopg2.connect(**{**parameters, "cursor_factory": None})
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS mlflow CASCADE; CREATE SCHEMA mlflow; SET search_path = mlflow")
        cursor.execute(SCHEMA.replace("is_nan BOOLEAN", "is_nan INTEGER"))
        for table, rows in USUAL.items():
            for row in rows:
                marks = ", ".join(["%s"] * len(row))
                statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608
                cursor.execute(statement, list(row.values()))
    yield f"postgresql+psycopg2://{user}:{password}@/{name}?host={host}&port={port}&options=-csearch_path%3Dmlflow"
    with owner.cursor() as cursor:
        cursor.execute("DROP SCHEMA mlflow CASCADE")
    owner.close()


def test_a_database_of_postgresql_is_read_as_one_of_sqlite(postgres_url: str, tmp_path: Path) -> None:
    source = open_source(postgres_url, Wanted())
    found, same = read_source(source), read(write_database(tmp_path / "mlflow.db"))
    assert found.problems == []
    assert found.records == same.records
    assert str(found.points) == str(same.points)
    assert source.place.endswith("?options=-csearch_path%3Dmlflow")
    assert len(source.fingerprint()) == 64


def test_each_store_of_a_server_has_a_place_of_its_own(postgres_url: str) -> None:
    others = (postgres_url, f"{postgres_url}2", postgres_url.partition("&options")[0])
    assert len({open_source(url, Wanted()).place for url in others}) == 3


def test_two_stores_of_a_server_are_two_imports(postgres_url: str) -> None:
    with closing(psycopg2.connect(**{**connection.get_connection_params(), "cursor_factory": None})) as owner:
        with owner, owner.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS mlflow2 CASCADE; CREATE SCHEMA mlflow2")
            for table in ("experiments", "runs"):
                cursor.execute(f"ALTER TABLE mlflow.{table} SET SCHEMA mlflow2")
                cursor.execute(f"CREATE TABLE mlflow.{table} AS TABLE mlflow2.{table}")
            for table in ("alembic_version", "metrics", "params", "tags"):
                cursor.execute(f"CREATE TABLE mlflow2.{table} (LIKE mlflow.{table})")
            cursor.execute("UPDATE mlflow2.experiments SET name = 'other ' || name")
            cursor.execute("UPDATE mlflow2.runs SET run_uuid = md5(run_uuid)")
        try:
            for url in (postgres_url, f"{postgres_url}2"):
                call_command("import_mlflow", url, stdout=io.StringIO())
        finally:
            with owner, owner.cursor() as cursor:
                cursor.execute("DROP SCHEMA mlflow2 CASCADE")
    assert Import.objects.count() == 2
    for name in ("first", "other first"):
        assert TrainingRun.objects.filter(experiment__name=name).count() == 2


@pytest.mark.parametrize("secret", ["12#34", "Se#cret", "S?x", "a:b", "p%2540%2F"])
def test_a_password_stays_out_of_the_place_whatever_it_holds(secret: str) -> None:
    told = place_of({**parameters_of(f"postgresql://u:{secret}@db:5433/mlflow"), "password": ""})
    assert told == "postgresql://u@db:5433/mlflow"


def test_a_place_tells_hosts_and_sockets_apart() -> None:
    for url, place in (
        ("postgresql://u:x@a:1,b:2/m", "postgresql://u@a,b:1,2/m"),
        ("postgresql+psycopg2://u:x@/m?host=/run/a&port=1", "postgresql://u@%2Frun%2Fa:1/m"),
        ("postgresql://u@a:1/m?password=x&passfile=y&hostaddr=::1", "postgresql://u@a:1/m?hostaddr=%3A%3A1"),
    ):
        assert place_of(parameters_of(url)) == place


def test_a_link_in_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    write_folder(tmp_path / "real")
    (tmp_path / "unpacked").mkdir()
    (tmp_path / "unpacked" / "mlruns").symlink_to(tmp_path / "real")
    with pytest.raises(UnreadableError, match="is a link, which is not followed"):
        open_source(str(tmp_path / "unpacked"), Wanted())
    found = read(tmp_path / "unpacked" / "mlruns")  # which the operator named
    assert [file.path for file in found.records["runs"][0].artifacts] == ["plots/curve.txt"]


def test_what_postgresql_refuses_is_told(postgres_url: str) -> None:
    with closing(PostgresTables(postgres_url)) as tables:
        with pytest.raises(UnreadableError, match="cannot execute DELETE in a read-only transaction"):
            list(tables.rows("DELETE FROM runs RETURNING run_uuid"))
        with pytest.raises(UnreadableError, match="The database refused"):
            list(tables.tuples("SELECT 1"))
