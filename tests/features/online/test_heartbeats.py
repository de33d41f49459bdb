import pytest

from features import keys
from features.online import connection, heartbeats
from features.online.heartbeats import Beat, beats, is_due, put

pytestmark = pytest.mark.usefixtures("redis_keys")
HOUR_MS = 3_600_000


@pytest.fixture(autouse=True)
def _unbeaten() -> None:
    heartbeats.forget_beaten()


def test_the_last_sign_of_life_counts_and_a_known_host_stays() -> None:
    put(Beat("a", "ada", "api", "gpu-1", 7, at_ms=1_000))
    put(Beat("a", "ada", "mlflow", at_ms=2_000))
    put(Beat("b", "bob", "tracker", "cpu", 8, at_ms=1_500))
    assert beats() == {
        "a": Beat("a", "ada", "mlflow", "gpu-1", 7, 2_000),
        "b": Beat("b", "bob", "tracker", "cpu", 8, 1_500),
    }


def test_a_name_with_quotes_and_letters_of_any_kind_comes_back() -> None:
    beat = Beat("a", 'Zoë "z" \\ 日', "api", at_ms=1)
    put(beat)
    assert beats() == {"a": beat}


def test_who_says_nothing_for_an_hour_is_forgotten() -> None:
    put(Beat("old", at_ms=1_000))
    put(Beat("new", at_ms=1_000 + HOUR_MS))
    assert beats().keys() == {"old", "new"}
    put(Beat("new", at_ms=1_001 + HOUR_MS))
    assert beats().keys() == {"new"}
    assert connection.cache().zcard(keys.workers_seen()) == 1


def test_only_the_runs_heard_of_last_are_read_and_those_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "MOST_READ", 2)
    for number, name in enumerate("abcd"):
        put(Beat(name, at_ms=1_000 + number))
    assert list(beats()) == ["d", "c"]
    assert list(beats(["a", "unknown", "d"])) == ["d", "c", "a"]


def test_a_run_is_due_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "MOST_REMEMBERED", 2)
    now = 1_000.0
    monkeypatch.setattr(heartbeats.time, "monotonic", lambda: now)
    assert [is_due("a"), is_due("a"), is_due("b"), is_due("c")] == [True, False, True, True]
    assert heartbeats._beaten.keys() == {"c"}
    now += heartbeats.EVERY_SECONDS
    assert is_due("c")
