import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import LazySettings

from features.online import direct, feature_values, view_copies
from features.online.connection import ask_store, store
from registry.breakers import REDIS_STORE, State
from tests.features.away import redis_is_away

pytestmark = pytest.mark.usefixtures("redis_keys")


def line() -> int:
    return int(ask_store("CLIENT", "ID"))


def test_a_thread_keeps_its_connection_and_shares_it_with_none() -> None:
    first = line()
    with ThreadPoolExecutor(1) as pool:
        others = [pool.submit(line).result(), pool.submit(line).result()]
    assert line() == first
    assert others[0] == others[1] != first


def test_a_forked_process_opens_a_connection_of_its_own() -> None:
    first = line()
    read, write = os.pipe()
    if not (child := os.fork()):
        os.write(write, str(line()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    with os.fdopen(read, "rb") as pipe:
        os.close(write)
        assert int(pipe.read()) != first
    assert line() == first


def test_a_connection_that_the_server_closed_is_opened_anew() -> None:
    first = line()
    store().client_kill_filter(_id=str(first))
    assert line() != first
    assert REDIS_STORE.state is State.CLOSED


def test_an_answer_that_nobody_waited_for_is_not_the_next_ones() -> None:
    store().set("mlp_test:direct", "right", ex=300)
    ask_store("PING")
    _, held = direct._held.lines[type(store().connection_pool)]
    held.send_command("ECHO", "wrong")
    while not held.can_read():
        pass
    assert ask_store("GET", "mlp_test:direct") == b"right"
    store().delete("mlp_test:direct")


def test_a_socket_that_can_not_be_looked_at_is_opened_anew() -> None:
    first = line()
    _, held = direct._held.lines[type(store().connection_pool)]
    held._sock.close()
    assert line() != first


def test_without_redis_copies_are_left_out(settings: LazySettings) -> None:
    with redis_is_away(settings, "STORE"):
        view_copies.keep("rfm", b"{}")
        assert view_copies.find("rfm") is None
    view_copies.keep("rfm", b"{}")
    assert view_copies.find("rfm") == b"{}"
    assert feature_values.delete([]) == 0
