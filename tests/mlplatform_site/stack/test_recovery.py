"""Strangers on our ports, leftovers of a dead supervisor, other users: on the real servers."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymongo
import pytest
import redis

from mlplatform_site.stack import binaries, lifecycle, processes
from mlplatform_site.stack.errors import StackError
from mlplatform_site.stack.layout import layout
from tests.private_stack import PrivateStack

pytestmark = [pytest.mark.fault, pytest.mark.slow]
SERVERS = ("postgres", "mongodb", "redis-cache", "redis-store")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture(autouse=True)
def _no_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "MONGODB_URL", "REDIS_CACHE_URL", "REDIS_STORE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[PrivateStack]:
    stack = PrivateStack(tmp_path / "stack")
    yield stack
    lifecycle.reset(stack.folder)


def ports(stack: PrivateStack) -> dict[str, int]:
    found: dict[str, int] = json.loads((stack.folder / "ports.json").read_text())
    return found


def remember(stack: PrivateStack, mark: str) -> None:
    with redis.Redis.from_url(stack.url("REDIS_STORE_URL")) as store:
        store.set("kept", mark)
        assert store.execute_command("WAITAOF", 1, 0, 30_000)[0] == 1


def remembered(stack: PrivateStack) -> str:
    with redis.Redis.from_url(stack.url("REDIS_STORE_URL"), decode_responses=True) as store:
        return str(store.get("kept"))


def supervisor(stack: PrivateStack) -> int:
    return int((stack.folder / "supervisord.pid").read_text())


def until_it_listens(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and not processes.stranger_listens(port, None):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert process.poll() is None


@contextmanager
def strangers_in_place_of(
    stack: PrivateStack, folder: Path
) -> Iterator[pymongo.MongoClient[dict[str, object]]]:
    """A MongoDB and a Redis without passwords take the ports of ours, which were killed."""
    folder.mkdir()
    port = ports(stack)["mongodb"]
    os.kill(supervisor(stack), signal.SIGSTOP)
    for server in ("mongodb", "redis-store"):
        os.kill(stack_pids(stack)[server], signal.SIGKILL)
    mongod = [str(binaries.mongod()), "--dbpath", str(folder), "--port", str(port), "--nounixsocket"]
    redis_server = [str(binaries.redis_server()), "--port", str(ports(stack)["redis-store"]), "--save", ""]
    begun = [
        subprocess.Popen([*mongod, "--replSet", "rs0"], stdout=subprocess.DEVNULL),
        subprocess.Popen(redis_server, stdout=subprocess.DEVNULL, cwd=folder),
    ]
    try:
        until_it_listens(port, begun[0])
        until_it_listens(ports(stack)["redis-store"], begun[1])
        os.kill(supervisor(stack), signal.SIGCONT)
        with pymongo.MongoClient[dict[str, object]]("127.0.0.1", port, directConnection=True) as client:
            member = {"_id": 0, "host": f"127.0.0.1:{port}"}
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
            yield client
    finally:
        for process in begun:
            process.kill()
            process.wait()


def stack_pids(stack: PrivateStack) -> dict[str, int]:
    """By the lock files and /proc, since a stopped supervisor answers nothing."""
    found: dict[str, int] = {}
    for server in SERVERS:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _works_in(entry, stack.folder / server):
                found[server] = min(found.get(server, 1 << 30), int(entry.name))
    return found


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").readlink() == folder
    except OSError:
        return False


def test_strangers_on_our_ports_get_no_user_and_no_client_of_ours(own: PrivateStack, tmp_path: Path) -> None:
    own.start()
    remember(own, "before the strangers")
    before = ports(own)
    with strangers_in_place_of(own, tmp_path / "stranger") as stranger:
        result = lifecycle.start(own.folder)
        assert stranger.admin.command("usersInfo")["users"] == []
    after = ports(own)
    assert result.started
    assert {name for name in SERVERS if before[name] != after[name]} == {"mongodb", "redis-store"}
    assert f":{after['mongodb']}/" in result.urls["MONGODB_URL"]
    assert remembered(own) == "before the strangers"
    with pymongo.MongoClient[dict[str, object]](own.url("MONGODB_URL")) as client:
        assert client.admin.command("usersInfo", "mlplatform")["users"]


def test_a_supervisor_that_lost_its_socket_is_ended_before_another_starts(own: PrivateStack) -> None:
    own.start()
    remember(own, "one writer only")
    before, first = ports(own), supervisor(own)
    layout(own.folder).socket.unlink()
    assert lifecycle.start(own.folder).started
    assert not processes.is_alive(first)
    assert ports(own) == before
    assert remembered(own) == "one writer only"


def test_stop_ends_a_stack_whose_supervisor_lost_its_socket(own: PrivateStack) -> None:
    own.start()
    pids = [supervisor(own), *(own.pid(server) for server in SERVERS)]
    layout(own.folder).socket.unlink()
    assert lifecycle.stop(own.folder)
    assert not [pid for pid in pids if processes.is_alive(pid)]


def test_servers_that_outlived_their_supervisor_are_ended_before_others_start(
    own: PrivateStack, tmp_path: Path
) -> None:
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in ("unshare", "true"):  # no setpriv: nothing tells a server that its supervisor died
        (commands / name).symlink_to(shutil.which(name) or name)
    assert own.run([sys.executable, "manage.py", "stack", "start"], PATH=str(commands)).returncode == 0
    remember(own, "outlived")
    before, pids = ports(own), [own.pid(server) for server in SERVERS]
    os.kill(supervisor(own), signal.SIGKILL)
    time.sleep(0.5)
    assert all(processes.is_alive(pid) for pid in pids)
    own.start()
    assert not [pid for pid in pids if processes.is_alive(pid)]
    assert ports(own) == before
    assert remembered(own) == "outlived"


def test_a_start_with_a_url_set_forgets_no_server_that_runs(
    own: PrivateStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = lifecycle.start(own.folder).urls
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@127.0.0.1:1/else")
    again = lifecycle.start(own.folder)
    assert set(again.urls) == set(urls) - {"DATABASE_URL"}
    assert json.loads((own.folder / "env.json").read_text()) == urls


def test_reset_leaves_a_running_stack_inside_alone(own: PrivateStack) -> None:
    (own.folder / "artifacts").mkdir(parents=True)
    inner = PrivateStack(own.folder / "test")
    inner.start()
    lifecycle.reset(own.folder)
    assert [child.name for child in own.folder.iterdir()] == ["test"]
    assert inner.manage("stack", "status").returncode == 0
    lifecycle.reset(inner.folder)


def test_an_interrupted_initdb_is_swept_up(own: PrivateStack) -> None:
    unfinished = own.folder / "initdb-killed"
    (unfinished / "data").mkdir(parents=True)
    own.start()
    assert not unfinished.exists()


@as_root
def test_root_without_user_namespaces_runs_postgresql_as_nobody() -> None:
    folder = Path(tempfile.mkdtemp(prefix="stack-"))  # pytest's own folders are closed to nobody
    folder.chmod(0o755)
    commands = folder / "bin"
    commands.mkdir()
    (commands / "setpriv").symlink_to(shutil.which("setpriv") or "setpriv")
    stack = PrivateStack(folder / "stack")
    try:
        started = stack.run([sys.executable, "manage.py", "stack", "start"], PATH=str(commands))
        if "closed to the user nobody" in started.stderr:
            pytest.skip("the project lies where only root may read")
        assert started.returncode == 0, started.stderr
        assert Path(f"/proc/{stack.pid('postgres')}").stat().st_uid == 65_534
        assert {entry.name for entry in stack.folder.iterdir() if entry.stat().st_mode & 0o022} == set()
        lifecycle.stop(stack.folder)
        folder.chmod(0o700)
        closed = stack.run([sys.executable, "manage.py", "stack", "start"], PATH=str(commands))
        assert f"{folder} is closed to the user nobody" in closed.stderr
    finally:
        lifecycle.reset(stack.folder)
        shutil.rmtree(folder)


@as_root
def test_a_user_without_the_powers_of_root_starts_and_stops_it(own: PrivateStack) -> None:
    mapped = ["unshare", "--user", "--map-user=65534", "--map-group=65534", sys.executable]
    if subprocess.run([*mapped, "-V"], capture_output=True, check=False).returncode:
        pytest.skip("user namespaces are refused here")
    started = own.run([*mapped, "manage.py", "stack", "start"])
    assert started.returncode == 0, started.stderr
    remember(own, "by an ordinary user")
    assert own.run([*mapped, "manage.py", "stack", "status"]).stdout.count("RUNNING") == 4
    assert own.run([*mapped, "manage.py", "stack", "stop"]).stdout == "Stopped.\n"


@as_root
def test_the_folder_of_another_user_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, 65_534, 65_534)
    with pytest.raises(StackError, match="belongs to the user with the id 65534"):
        lifecycle.start(folder)
    assert not list(folder.iterdir())


def test_a_server_that_keeps_dying_is_given_up_with_its_last_words(own: PrivateStack) -> None:
    own.start()
    lifecycle.stop(own.folder)
    (own.folder / "postgres" / "PG_VERSION").write_text("15\n")
    began = time.monotonic()
    with pytest.raises(StackError, match="database files are incompatible with server"):
        lifecycle.start(own.folder)
    assert time.monotonic() - began < 90
    assert [status.state for status in lifecycle.status(own.folder)] == ["STOPPED"] * 4
