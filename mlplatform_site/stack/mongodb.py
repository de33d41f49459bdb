"""The embedded MongoDB: a replica set of one, so that transactions and change streams work."""

import base64
import socket

import pymongo
from pymongo.errors import OperationFailure

from . import binaries, wrappers
from .files import write_private
from .ports import HOST
from .server import Context

USER = DATABASE = "mlplatform"
REPLICA_SET = "rs0"
UNAUTHORIZED = (13, 18)

OPTIONS = (
    *("--bind_ip", HOST, "--nounixsocket", "--quiet", "--auth", "--replSet", REPLICA_SET),
    *("--oplogSize", "128", "--wiredTigerCacheSizeGB", "0.25"),
    *("--wiredTigerEngineConfigString", "log=(file_max=8MB,prealloc=false)"),
    # zlib is left out: mongod 6.0.5 has CVE-2025-14847
    *("--networkMessageCompressors", "snappy,zstd"),
    *("--setParameter", "diagnosticDataCollectionEnabled=false", "--setParameter", "ttlMonitorSleepSecs=5"),
)


class MongoDB:
    """mongod with authentication, on loopback only."""

    name = "mongodb"
    title = "MongoDB"
    variables = ("MONGODB_URL",)
    stop_signal = "TERM"

    def prepare(self, context: Context) -> list[str]:
        """Write the key file; returns the server's command."""
        data = context.where.data(self.name)
        data.mkdir(exist_ok=True, mode=0o700)
        key_file = context.where.root / "mongodb.key"
        if not key_file.exists():
            key = base64.b64encode(context.secrets["MONGODB_PASSWORD"].encode()).decode()
            write_private(key_file, key, mode=0o400)
        return [
            *wrappers.dies_with_parent(self.stop_signal),
            str(binaries.mongod()),
            *("--dbpath", str(data), "--port", str(context.ports[self.name])),
            *("--keyFile", str(key_file), *OPTIONS),
        ]

    def probe(self, context: Context) -> None:
        """Initiate the replica set and create the user where that is not done; wait for the primary."""
        port, password = context.ports[self.name], context.secrets["MONGODB_PASSWORD"]
        socket.create_connection((HOST, port), timeout=0.2).close()
        try:
            _check_primary(port, password)
        except OperationFailure as error:
            if error.code not in UNAUTHORIZED:
                raise
            _initiate(port, password)
            _check_primary(port, password)

    def urls(self, context: Context) -> dict[str, str]:
        """The application's URL."""
        password, port = context.secrets["MONGODB_PASSWORD"], context.ports[self.name]
        query = f"replicaSet={REPLICA_SET}&authSource=admin"
        return {"MONGODB_URL": f"mongodb://{USER}:{password}@{HOST}:{port}/{DATABASE}?{query}"}


def _client(port: int, password: str | None) -> pymongo.MongoClient[dict[str, object]]:
    return pymongo.MongoClient(
        HOST,
        port,
        username=USER if password else None,
        password=password,
        directConnection=True,
        serverSelectionTimeoutMS=2_000,
        timeoutMS=5_000,
    )


def _check_primary(port: int, password: str) -> None:
    with _client(port, password) as client:
        hello = client.admin.command("hello")
        if not hello.get("isWritablePrimary"):
            _follow_port(client, port)
            raise ConnectionError("mongod is not the primary yet")


def _initiate(port: int, password: str) -> None:
    """Through the localhost exception: it ends with the first user."""
    with _client(port, None) as client:
        _refuse_open_server(client)
        hello = client.admin.command("hello")
        if not hello.get("setName"):
            member = {"_id": 0, "host": f"{HOST}:{port}"}
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
        if not client.admin.command("hello").get("isWritablePrimary"):
            raise ConnectionError("mongod is not the primary yet")
        client.admin.command("createUser", USER, pwd=password, roles=["root"])


def _refuse_open_server(client: pymongo.MongoClient[dict[str, object]]) -> None:
    """A server that answers this without a password is not ours: it gets no user."""
    try:
        client.admin.command("getCmdLineOpts")
    except OperationFailure:
        return
    raise ConnectionError("a MongoDB without passwords answers on this port")


def _follow_port(client: pymongo.MongoClient[dict[str, object]], port: int) -> None:
    """Where the port changed since the replica set was made, tell the set."""
    config = client.admin.command("replSetGetConfig")["config"]
    address = f"{HOST}:{port}"
    if config["members"][0]["host"] != address:
        config["version"] += 1
        config["members"][0]["host"] = address
        client.admin.command("replSetReconfig", config, force=True)
