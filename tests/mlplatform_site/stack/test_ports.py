import json
import socket
from pathlib import Path

import pytest

from mlplatform_site.stack import ports
from mlplatform_site.stack.layout import Layout

SERVERS = ["postgres", "mongodb"]


def record(folder: Path, **chosen: int) -> Layout:
    (folder / "ports.json").write_text(json.dumps(chosen))
    return Layout(folder)


def test_the_same_folder_gets_the_same_ports(tmp_path: Path) -> None:
    first = ports.choose(Layout(tmp_path), SERVERS)
    (tmp_path / "ports.json").unlink()
    assert ports.choose(Layout(tmp_path), SERVERS) == first == ports.recorded(Layout(tmp_path))


def test_a_recorded_port_is_kept_while_it_is_free(tmp_path: Path) -> None:
    where = record(tmp_path, postgres=31_999, mongodb=31_998)
    assert ports.choose(where, SERVERS) == {"postgres": 31_999, "mongodb": 31_998}


def test_a_recorded_port_that_is_taken_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        assert ports.choose(record(tmp_path, postgres=taken), ["postgres"])["postgres"] != taken


@pytest.mark.parametrize("named", ports.NAMED)
def test_the_known_port_of_another_program_is_given_up(named: int, tmp_path: Path) -> None:
    assert ports.choose(record(tmp_path, postgres=named), ["postgres"])["postgres"] not in ports.NAMED


def test_two_servers_never_share_a_port(tmp_path: Path) -> None:
    where = record(tmp_path, postgres=31_999, mongodb=31_999)
    assert len(set(ports.choose(where, SERVERS).values())) == 2


def test_a_server_that_moves_takes_no_port_that_another_has(tmp_path: Path) -> None:
    servers = ["postgres", "mongodb", "redis-cache", "redis-store"]
    before = ports.choose(Layout(tmp_path), servers)
    with socket.create_server(("127.0.0.1", before["postgres"])):
        after = ports.choose(Layout(tmp_path), servers)
    assert [name for name in servers if before[name] != after[name]] == ["postgres"]


def test_a_broken_record_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{half")
    assert ports.choose(Layout(tmp_path), SERVERS) == ports.recorded(Layout(tmp_path))
