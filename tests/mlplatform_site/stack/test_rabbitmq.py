import time
from pathlib import Path

import amqp
import pytest

from mlplatform_site.stack import processes, rabbitmq
from mlplatform_site.stack.errors import StackError
from mlplatform_site.stack.rabbitmq import RabbitNode


def connection(url: str, user: str = "", password: str = "", vhost: str = "") -> amqp.Connection:
    own_user, _, rest = url.removeprefix("amqp://").partition(":")
    own_password, _, rest = rest.partition("@")
    host, _, own_vhost = rest.partition("/")
    return amqp.Connection(
        host, userid=user or own_user, password=password or own_password, virtual_host=vhost or own_vhost
    )


def processes_in(folder: Path) -> list[int]:
    """Whoever works in the folder or below it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and processes.is_alive(int(entry.name)):
            try:
                here = (entry / "cwd").readlink()
            except OSError:
                continue
            found += [int(entry.name)] if here.is_relative_to(folder) else []
    return found


def test_an_absent_package_is_told_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_RABBITMQ", str(tmp_path))
    with pytest.raises(StackError, match="apt install rabbitmq-server"):
        rabbitmq.package()


def test_the_newest_package_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STACK_RABBITMQ", raising=False)
    monkeypatch.setattr(rabbitmq, "PACKAGES", tmp_path)
    for version in ("3.9.27", "3.10.8", "3.8.1"):
        binary = tmp_path / f"rabbitmq_server-{version}/sbin/rabbitmq-server"
        binary.parent.mkdir(parents=True)
        binary.touch()
    assert rabbitmq.package().name == "rabbitmq_server-3.10.8"


@pytest.mark.rabbit
def test_the_node_knows_one_user_on_one_vhost_and_no_guest(rabbit_node: RabbitNode) -> None:
    assert rabbit_node.control("list_users").split() == ["user", "tags", "mlplatform", "[]"]
    assert rabbit_node.control("list_vhosts").split() == ["name", "mlplatform"]
    permissions = rabbit_node.control("list_user_permissions", "mlplatform").split()[4:]
    assert permissions == ["mlplatform", ".*", ".*", ".*"]
    with pytest.raises((amqp.AccessRefused, ConnectionError)), connection(rabbit_node.url, "guest", "guest"):
        pass


@pytest.mark.rabbit
def test_the_node_listens_on_loopback_only(rabbit_node: RabbitNode) -> None:
    own = {str(entry.readlink()) for entry in Path(f"/proc/{rabbit_node.pid}/fd").iterdir()}
    lines = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()
    ]
    mine = [words for words in lines if f"socket:[{words[9]}]" in own and words[3] == processes.LISTENING]
    listening = {words[1].partition(":")[0] for words in mine}
    assert listening == {"0100007F"}


@pytest.mark.rabbit
def test_a_killed_node_keeps_what_it_confirmed_and_a_stopped_one_leaves_no_process(tmp_path: Path) -> None:
    with RabbitNode(tmp_path) as node:
        with connection(node.url) as client, client.channel() as channel:
            channel.confirm_select()
            channel.queue_declare(
                "kept", durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"}
            )
            channel.basic_publish_confirm(amqp.Message(b"promised", delivery_mode=2), routing_key="kept")
        time.sleep(3)  # RabbitMQ writes the members of a new queue down late
        node.kill()
        node.start()
        with connection(node.url) as client, client.channel() as channel:
            assert channel.basic_get("kept", no_ack=True).body == b"promised"
        assert processes_in(tmp_path)
    assert processes_in(tmp_path) == []
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path, tmp_path / "secrets.json")}
    assert set(modes.values()) == {0o700, 0o600}
