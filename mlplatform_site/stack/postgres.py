"""The embedded PostgreSQL."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg2

from . import binaries, wrappers
from .errors import StackError
from .files import write_private
from .ports import HOST
from .server import Context

USER = DATABASE = "mlplatform"
UNFINISHED = "initdb-"
NEWEST = 18

SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 100
shared_buffers = '128MB'
wal_level = logical
max_replication_slots = 10
max_slot_wal_keep_size = '1GB'
shared_preload_libraries = 'pg_stat_statements'
log_min_duration_statement = '250ms'
log_line_prefix = '%m [%p] %a '
timezone = 'UTC'
"""
# A slot that nobody reads for a week is given up: it also keeps dead rows of the catalogs.
SINCE_18 = "idle_replication_slot_timeout = '7d'\n"


class Postgres:
    """PostgreSQL with a password, on loopback TCP only."""

    name = "postgres"
    title = "PostgreSQL"
    variables = ("DATABASE_URL",)
    stop_signal = "INT"

    def prepare(self, context: Context) -> list[str]:
        """Make the cluster where there is none, write its settings; returns the server's command."""
        binary, data = binaries.postgres(), context.where.data(self.name)
        wrappers.open_way(data.parent, binary)
        if not (data / "PG_VERSION").exists():
            _make_cluster(binary, data, context.secrets["POSTGRES_PASSWORD"])
        settings = SETTINGS.format(port=context.ports[self.name])
        if int((data / "PG_VERSION").read_text()) >= NEWEST:
            settings += SINCE_18
        (data / "stack.conf").write_text(settings)
        return [
            *wrappers.as_nobody(),
            *wrappers.dies_with_parent(self.stop_signal),
            str(binary),
            "-D",
            str(data),
        ]

    def probe(self, context: Context) -> None:
        """Connect, and create the database where it is missing."""
        connection = psycopg2.connect(
            host=HOST,
            port=context.ports[self.name],
            user=USER,
            password=context.secrets["POSTGRES_PASSWORD"],
            dbname="postgres",
            connect_timeout=2,
        )
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            connection.close()

    def urls(self, context: Context) -> dict[str, str]:
        """The application's URL."""
        password, port = context.secrets["POSTGRES_PASSWORD"], context.ports[self.name]
        return {"DATABASE_URL": f"postgres://{USER}:{password}@{HOST}:{port}/{DATABASE}"}


def _make_cluster(binary: Path, data: Path, password: str) -> None:
    """``initdb`` beside the data folder, then a rename: an interrupted one leaves nothing behind."""
    for unfinished in data.parent.glob(f"{UNFINISHED}*"):
        shutil.rmtree(unfinished)
    initdb = binary.with_name("initdb")
    if not initdb.exists():
        raise StackError(f"There is no initdb beside {binary}.", "Name a whole PostgreSQL in STACK_POSTGRES.")
    with tempfile.TemporaryDirectory(
        dir=data.parent, prefix=UNFINISHED, ignore_cleanup_errors=True
    ) as folder:
        wrappers.hand_over(Path(folder))
        password_file = Path(folder) / "password"
        write_private(password_file, password)
        wrappers.hand_over(password_file)
        made = Path(folder) / "data"
        result = subprocess.run(
            [
                *wrappers.as_nobody(),
                str(initdb),
                f"--pgdata={made}",
                f"--username={USER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise StackError(
                f"PostgreSQL's initdb failed: {result.stderr.strip()[-500:]}",
                "Free some space or mend the folder's permissions, then start again.",
            )
        with (made / "postgresql.conf").open("a") as config:
            config.write("\ninclude 'stack.conf'\n")
        shutil.rmtree(data, ignore_errors=True)
        made.rename(data)
