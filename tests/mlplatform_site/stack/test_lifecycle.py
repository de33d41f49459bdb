"""The embedded stack under everything that can happen to it, on the real servers."""

import json
import os
import shutil
import signal
import socketserver
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import psycopg2
import pymongo
import pytest
import redis

from mlplatform_site.stack import lifecycle, processes
from mlplatform_site.stack.errors import StackError
from mlplatform_site.stack.layout import layout
from tests.private_stack import PROJECT, PrivateStack

pytestmark = [pytest.mark.fault, pytest.mark.slow]
SERVERS = ("postgres", "mongodb", "redis-cache", "redis-store")


@pytest.fixture(scope="module", autouse=True)
def _no_urls() -> Iterator[None]:
    """`make test` gives the URLs of its servers; these tests start servers of their own."""
    with pytest.MonkeyPatch.context() as patch:
        for server in lifecycle.SERVERS:
            for name in server.variables:
                patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module")
def shared(_no_urls: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateStack]:
    """A running stack that each test leaves running."""
    stack = PrivateStack(tmp_path_factory.mktemp("shared") / "stack")
    stack.start()
    yield stack
    lifecycle.reset(stack.folder)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[PrivateStack]:
    """A stack that the test starts and breaks as it likes."""
    stack = PrivateStack(tmp_path / "stack")
    yield stack
    lifecycle.reset(stack.folder)


def write_everywhere(stack: PrivateStack, mark: str) -> None:
    with psycopg2.connect(stack.url("DATABASE_URL")) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS kept (mark text)")
        cursor.execute("INSERT INTO kept VALUES (%s)", [mark])
    connection.close()
    with pymongo.MongoClient[dict[str, str]](stack.url("MONGODB_URL")) as client:
        client.get_default_database()["kept"].insert_one({"mark": mark})
    with redis.Redis.from_url(stack.url("REDIS_STORE_URL")) as store:
        store.set("kept", mark)
        assert store.execute_command("WAITAOF", 1, 0, 30_000)[0] == 1


def read_everywhere(stack: PrivateStack) -> tuple[str, str, str]:
    with psycopg2.connect(stack.url("DATABASE_URL")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT mark FROM kept")
        (row,) = cursor.fetchall()
    connection.close()
    with pymongo.MongoClient[dict[str, str]](stack.url("MONGODB_URL")) as client:
        document = client.get_default_database()["kept"].find_one()
    with redis.Redis.from_url(stack.url("REDIS_STORE_URL")) as store:
        value = store.get("kept")
    assert document is not None
    assert isinstance(value, bytes)
    return row[0], document["mark"], value.decode()


def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def came_back(stack: PrivateStack, server: str, killed: int) -> bool:
    pids = {status.name: status.pid for status in lifecycle.status(stack.folder)}
    return pids.get(server) not in (None, killed)


def is_gone(pid: int) -> bool:
    return not processes.is_alive(pid)


class Reusing(socketserver.TCPServer):
    allow_reuse_address = True


@contextmanager
def stranger(port: int) -> Iterator[None]:
    """A server that closes what it accepts; with one that never answers mongod would wait for 30 s."""
    with Reusing(("127.0.0.1", port), socketserver.BaseRequestHandler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield
        server.shutdown()
        thread.join()


def test_a_second_start_leaves_a_running_stack_alone(shared: PrivateStack) -> None:
    before = [shared.pid(server) for server in SERVERS]
    result = lifecycle.start(shared.folder)
    assert not result.started
    assert [shared.pid(server) for server in SERVERS] == before


def test_a_server_killed_comes_back_with_its_data(own: PrivateStack) -> None:
    own.start()
    write_everywhere(own, "written before the kill")
    for server in SERVERS:
        killed = own.pid(server)
        os.kill(killed, signal.SIGKILL)
        wait_until(partial(came_back, own, server, killed))
    assert not lifecycle.start(own.folder).started
    assert read_everywhere(own) == ("written before the kill",) * 3


def test_supervisor_killed_takes_its_servers_along_and_starts_again_with_the_data(own: PrivateStack) -> None:
    own.start()
    write_everywhere(own, "kept")
    pids = [own.pid(server) for server in SERVERS]
    os.kill(int((own.folder / "supervisord.pid").read_text()), signal.SIGKILL)
    wait_until(lambda: all(is_gone(pid) for pid in pids))
    assert (own.folder / "supervisord.pid").exists(), "the stale pid file is what the next start must bear"
    assert lifecycle.start(own.folder).started
    assert read_everywhere(own) == ("kept",) * 3


def test_two_starts_at_once_make_one_stack(own: PrivateStack) -> None:
    command = [sys.executable, "manage.py", "stack", "start"]
    environment = {**os.environ, "STACK_DIR": str(own.folder)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)  # the suite's settings would start servers of their own
    starts = [
        subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    said = [each.communicate(timeout=100)[0] for each in starts]
    assert [each.returncode for each in starts] == [0, 0, 0], said
    assert sorted(line.split(":")[0] for line in said) == ["Already running", "Already running", "Started"]


def test_a_port_taken_by_a_stranger_is_given_up_for_another_and_the_data_stays(own: PrivateStack) -> None:
    own.start()
    write_everywhere(own, "moved")
    before = json.loads((own.folder / "ports.json").read_text())
    lifecycle.stop(own.folder)
    with ExitStack() as strangers:
        for port in before.values():
            strangers.enter_context(stranger(port))
        own.start()
    after = json.loads((own.folder / "ports.json").read_text())
    assert not set(before.values()) & set(after.values())
    assert read_everywhere(own) == ("moved",) * 3


def test_stop_leaves_no_process_and_no_lock(own: PrivateStack) -> None:
    own.start()
    pids = [own.pid(server) for server in SERVERS]
    assert lifecycle.stop(own.folder)
    assert all(is_gone(pid) for pid in pids)
    assert not layout(own.folder).socket.exists()
    assert not lifecycle.stop(own.folder)
    assert [status.state for status in lifecycle.status(own.folder)] == ["STOPPED"] * 4


def test_a_stale_pid_file_and_socket_do_not_matter(own: PrivateStack) -> None:
    own.folder.mkdir(mode=0o700)
    (own.folder / "supervisord.pid").write_text("1")
    layout(own.folder).socket.write_text("no socket")
    own.start()
    assert all(status.is_well for status in lifecycle.status(own.folder))


def test_a_long_folder_name_with_spaces_and_percent_signs_works(tmp_path: Path) -> None:
    stack = PrivateStack(tmp_path / ("long name 100% " + "x" * 120) / "stack")
    try:
        stack.start()
        write_everywhere(stack, "x")
        assert read_everywhere(stack) == ("x", "x", "x")
        assert len(str(layout(stack.folder).socket)) < 108
    finally:
        lifecycle.reset(stack.folder)
    assert not layout(stack.folder).socket.exists()


def test_every_secret_is_readable_by_its_owner_only(shared: PrivateStack) -> None:
    assert stat.S_IMODE(shared.folder.stat().st_mode) == 0o700
    for name, mode in {
        "secrets.json": 0o600, "env.json": 0o600, "mongodb.key": 0o400,
        "redis-cache.conf": 0o600, "redis-store.conf": 0o600, "supervisord.conf": 0o600,
    }.items():  # fmt: skip
        assert stat.S_IMODE((shared.folder / name).stat().st_mode) == mode, name


def test_no_password_stands_on_a_command_line(shared: PrivateStack) -> None:
    secrets = json.loads((shared.folder / "secrets.json").read_text()).values()
    for server in SERVERS:
        command = Path(f"/proc/{shared.pid(server)}/cmdline").read_text()
        assert not [secret for secret in secrets if secret in command]


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_wrong_password_is_refused_by_every_server(shared: PrivateStack, password: str) -> None:
    ports = json.loads((shared.folder / "ports.json").read_text())
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(
            host="127.0.0.1",
            port=ports["postgres"],
            user="mlplatform",
            password=password,
            dbname="mlplatform",
        )
    address = f"mongodb://mlplatform:{password or 'x'}@127.0.0.1:{ports['mongodb']}/?directConnection=true"
    with (
        pymongo.MongoClient[dict[str, str]](address) as client,
        pytest.raises(pymongo.errors.OperationFailure),
    ):
        client.admin.command("usersInfo")
    with pymongo.MongoClient[dict[str, str]]("127.0.0.1", ports["mongodb"], directConnection=True) as client:
        with pytest.raises(pymongo.errors.OperationFailure, match="requires authentication"):
            client["mlplatform"]["kept"].find_one()
    for name in ("redis-cache", "redis-store"):
        with redis.Redis(port=ports[name], password=password or None) as client:
            with pytest.raises((redis.AuthenticationError, redis.ResponseError)):
                client.ping()


def test_the_servers_listen_on_loopback_only(shared: PrivateStack) -> None:
    ports = json.loads((shared.folder / "ports.json").read_text()).values()
    listening = [
        line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if " 0A " in line
    ]
    addresses = {place.split(":")[0] for place in listening if int(place.split(":")[1], 16) in ports}
    assert addresses == {"0100007F"}


def test_the_redis_servers_differ_in_what_they_forget(shared: PrivateStack) -> None:
    for name, policy, append in (("CACHE", "allkeys-lru", "no"), ("STORE", "noeviction", "yes")):
        with redis.Redis.from_url(shared.url(f"REDIS_{name}_URL"), decode_responses=True) as client:
            assert client.config_get("maxmemory-policy")["maxmemory-policy"] == policy
            assert client.config_get("appendonly")["appendonly"] == append


def test_mongodb_has_transactions_and_change_streams(shared: PrivateStack) -> None:
    with pymongo.MongoClient[dict[str, int]](shared.url("MONGODB_URL")) as client:
        things = client.get_default_database()["things"]
        things.insert_one({"n": 0})
        with things.watch() as changes, client.start_session() as session:
            with session.start_transaction():
                things.update_one({}, {"$set": {"n": 1}}, session=session)
            assert changes.next()["operationType"] == "update"


def test_a_store_given_by_url_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@127.0.0.1:1/else")
    folder = tmp_path / "stack"
    try:
        result = lifecycle.start(folder)
        assert set(result.urls) == {"MONGODB_URL", "REDIS_CACHE_URL", "REDIS_STORE_URL"}
        assert not (folder / "postgres").exists()
        assert [status.state for status in lifecycle.status(folder)] == [
            "EXTERNAL",
            "RUNNING",
            "RUNNING",
            "RUNNING",
        ]
    finally:
        lifecycle.reset(folder)


def test_the_command_tells_how_things_stand(shared: PrivateStack, tmp_path: Path) -> None:
    said = shared.manage("stack", "status")
    assert (said.returncode, said.stdout.count("RUNNING")) == (0, 4)
    assert "ready to accept connections" in shared.manage("stack", "logs", "postgres").stdout
    unknown = shared.manage("stack", "logs", "nothing")
    assert (unknown.returncode, "Choose one of: supervisord, postgres" in unknown.stderr) == (1, True)
    stopped = PrivateStack(tmp_path / "none").manage("stack", "status")
    assert (stopped.returncode, "manage.py stack start" in stopped.stderr) == (1, True)


def test_a_single_server_is_stopped_and_brought_back(shared: PrivateStack) -> None:
    before = {server: shared.pid(server) for server in SERVERS}
    assert lifecycle.stop_one("redis-store", shared.folder)
    assert not lifecycle.stop_one("redis-store", shared.folder)
    states = {each.name: each.state for each in lifecycle.status(shared.folder)}
    assert states == dict.fromkeys(SERVERS, "RUNNING") | {"redis-store": "STOPPED"}
    said: list[str] = []
    assert not lifecycle.start(shared.folder, said.append).started
    assert said[0] == "Starting redis-store again"
    after = {server: shared.pid(server) for server in SERVERS}
    assert {server for server in SERVERS if after[server] != before[server]} == {"redis-store"}


def test_a_single_server_of_no_stack_can_not_be_stopped(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="no server 'mongodb' in a running stack"):
        lifecycle.stop_one("mongodb", tmp_path / "none")


def test_an_unwritable_folder_is_told_with_its_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = PrivateStack(tmp_path / "file" / "stack").manage("stack", "start")
    assert result.returncode == 1
    assert "can't be written: Not a directory" in result.stderr
    assert "STACK_DIR=" in result.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="a full disk is made with a small tmpfs, which takes root")
def test_a_full_disk_is_told_and_a_start_with_room_works(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a tmpfs is refused here")
    stack = PrivateStack(disk / "stack")
    try:
        failed = stack.manage("stack", "start")
        assert failed.returncode == 1
        assert "No space left on device" in failed.stderr
        assert "Free some space" in failed.stderr
        assert not (stack.folder / "postgres").exists()
        subprocess.run(["mount", "-o", "remount,size=500m", str(disk)], check=True)
        stack.start()
        assert all(status.is_well for status in lifecycle.status(stack.folder))
    finally:
        lifecycle.stop(stack.folder)
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture
def home() -> Iterator[Path]:
    """Nobody's; not in pytest's own folders, which another pytest that begins shuts to others at any time."""
    made = Path(tempfile.mkdtemp(prefix="home-"))
    os.chown(made, 65534, 65534)
    yield made
    shutil.rmtree(made)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_can_start_and_stop_it(home: Path) -> None:
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    asked = [*nobody, sys.executable, "-c", "import sys; print(sys.version)"]
    if subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() != sys.version:
        pytest.skip("this Python lies where only root may read; install one in /usr or /opt")
    stack = PrivateStack(home / "stack")
    manage = [*nobody, sys.executable, "manage.py", "stack"]
    started = stack.run([*manage, "start"], HOME=str(home))
    assert started.returncode == 0, started.stderr
    try:
        owners = {Path(f"/proc/{stack.pid(server)}").stat().st_uid for server in SERVERS}
        assert owners == {65534}
        write_everywhere(stack, "by nobody")
    finally:
        assert stack.run([*manage, "stop"], HOME=str(home)).returncode == 0
