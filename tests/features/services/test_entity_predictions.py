import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import OperationalError, connection

from features import keys
from features.models import Entity, Feature, FeatureValue, FeatureView
from features.online import cache_counts, predictions
from features.online import connection as redis_connection
from features.predicting import loading
from features.predicting.servable import Answer, ServableModel
from features.queries.cache_statistics import cache_statistics
from features.queries.view_schemas import forget_view_schemas, view_schema
from features.remembered import Remembered
from features.services import cached_answers
from features.services.cached_answers import answers_for
from features.services.entity_predictions import EntityPredictions, predict_entities
from features.services.feature_vectors import read_vectors, reading_of
from features.services.online_features import OnlineRow, Status, write_online_features
from features.services.served_models import Wanted, forget_served_models
from registry.exceptions import BadInputError, NotFoundError, StoreUnavailableError
from registry.services.deployments import deploy
from registry.services.model_versions import set_version_tag
from registry.services.permissions import grant_permission
from tests.features.away import redis_is_away
from tests.features.served import churn, churn_bytes, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_served")]
NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
FEATURES = ("rfm:recency", "rfm:frequency")


@pytest.fixture
def rfm() -> FeatureView:
    customer = Entity.objects.create(name="customer", join_keys=["customer_id"])
    view = FeatureView.objects.create(name="rfm", entity=customer)
    for position, name in enumerate(("frequency", "recency")):
        Feature.objects.create(view=view, name=name, value_type="float", position=position)
    return view


@pytest.fixture
def ask(user: User, rfm: FeatureView) -> Any:
    """Customers a (0.5, 0.1) and b (-0.5, nothing) are known; the churn model is deployed."""
    register(churn_bytes(), features=FEATURES)
    write("a", 0.5, 0.1)
    write("b", -0.5, None)

    def asked(*customers: object, **which: Any) -> EntityPredictions:
        entities = {"customer_id": list(customers)}
        return predict_entities(wanted=Wanted("churn", **which), user=user, entities=entities)

    return asked


def write(customer: str, recency: float, frequency: float | None, *, at: dt.datetime = NOON) -> None:
    values = {"recency": recency, "frequency": frequency}
    write_online_features(view=view_schema("rfm"), rows=[OnlineRow(customer, at, values)])


def hits(found: EntityPredictions) -> list[bool]:
    return [each.is_hit for each in found.answers]


def shares(found: EntityPredictions) -> list[float]:
    return [(each.answer or Answer(0)).probabilities[1] for each in found.answers]  # type: ignore[index]


@pytest.fixture
def round_trips(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is sent to Redis from now on, an entry a round trip."""
    sent: list[object] = []
    for server in (redis_connection.store(), redis_connection.cache()):
        kind = server.connection_pool.connection_class
        send = kind.send_packed_command

        def counted(self: Any, command: Any, send: Any = send, **named: Any) -> Any:
            sent.append(command)
            return send(self, command, **named)

        monkeypatch.setattr(kind, "send_packed_command", counted)
    return sent


def test_entities_are_answered_from_their_online_features(ask: Any) -> None:
    found = ask("a", "b")
    rows = [[0.5, 0.1], [-0.5, float("nan")]]
    assert shares(found) == churn().predict_proba(rows)[:, 1].tolist()
    assert [each.answer.prediction for each in found.answers] == churn().predict(rows).tolist()
    assert [each.vector.status for each in found.answers] == [Status.PRESENT] * 2
    assert found.vectors.source == "online"


def test_what_was_computed_is_a_hit_the_next_time(ask: Any) -> None:
    first, second = ask("a", "b"), ask("b", "a", "a")
    assert (hits(first), hits(second)) == ([False] * 2, [True] * 3)
    assert shares(second) == [shares(first)[1], shares(first)[0], shares(first)[0]]
    (key,) = redis_connection.cache().keys(f"{keys._prefix()}:prediction:{{churn:1}}:a:*")
    assert 0 < redis_connection.cache().ttl(key) <= keys.PREDICTION_SECONDS
    assert redis_connection.cache().keys(f"{keys._prefix()}:prediction:*:lease") == []


def test_a_hit_takes_two_round_trips_a_miss_three_and_no_statement(
    ask: Any, django_assert_num_queries: Any, round_trips: list[object], user: User
) -> None:
    user.is_superuser = True
    ask("a", "b")
    round_trips.clear()
    with django_assert_num_queries(0):
        assert hits(ask("a", "b")) == [True, True]
    assert len(round_trips) == 2
    write("b", 0.1, 0.1)
    round_trips.clear()
    assert hits(ask("a", "b")) == [True, False]
    assert len(round_trips) == 3


def test_new_features_are_computed_anew_and_a_late_event_is_not(ask: Any) -> None:
    before = shares(ask("a"))
    write("a", -2.0, 0.1, at=NOON - dt.timedelta(days=1))
    assert hits(ask("a")) == [True]
    write("a", -2.0, 0.1, at=NOON + dt.timedelta(days=1))
    found = ask("a")
    assert (hits(found), shares(found) != before) == ([False], True)
    assert shares(found) == churn().predict_proba([[-2.0, 0.1]])[:, 1].tolist()


def test_values_of_one_event_time_are_told_apart_and_the_same_again_are_the_same(ask: Any) -> None:
    first = ask("a").answers[0].vector.version
    write("a", 0.5, 0.1)
    assert hits(ask("a")) == [True]
    write("a", -0.5, 0.1)
    found = ask("a")
    assert (hits(found), found.answers[0].vector.version == first) == ([False], False)


def test_a_promotion_is_computed_by_the_new_version(ask: Any) -> None:
    ask("a")
    register(churn_bytes(seed=1), features=FEATURES)
    found = ask("a")
    assert (found.served.version.number, hits(found)) == (2, [False])
    assert shares(found) == churn(seed=1).predict_proba([[0.5, 0.1]])[:, 1].tolist()
    deploy(model="churn", version=1, environment="production")
    assert hits(ask("a")) == [True]
    assert hits(ask("a", version=2)) == [True]


def test_other_declared_features_are_other_answers(ask: Any) -> None:
    before = shares(ask("a"))
    set_version_tag(model="churn", version=1, key="features", value="rfm:frequency, rfm:recency")
    forget_served_models()
    found = ask("a")
    assert (hits(found), shares(found) != before) == ([False], True)


def test_values_that_are_too_old_are_as_if_missing(ask: Any, rfm: FeatureView) -> None:
    before = shares(ask("a"))
    FeatureView.objects.filter(pk=rfm.pk).update(ttl_seconds=3_600)
    forget_view_schemas()
    found = ask("a")
    assert found.answers[0].vector.status is Status.OUTSIDE_MAX_AGE
    assert (hits(found), shares(found) != before) == ([False], True)


def test_an_entity_of_which_nothing_is_known_has_no_answer(ask: Any) -> None:
    found = ask("a", "nobody")
    assert [each.answer is None for each in found.answers] == [False, True]
    with pytest.raises(NotFoundError, match="knows nothing of nobody"):
        ask("nobody")


def test_missing_values_that_the_model_does_not_fill_in_are_told_by_entity(ask: Any) -> None:
    register(churn_bytes(fills=False), features=FEATURES)
    with pytest.raises(BadInputError, match=r"missing in 1 of 2 rows \(b\)"):
        ask("a", "b")
    assert redis_connection.cache().keys(f"{keys._prefix()}:prediction:*:lease") == []
    assert hits(ask("a")) == [False]


def test_entities_that_cannot_be_asked_for_are_refused(ask: Any, user: User) -> None:
    register(churn_bytes(), name="plain")
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("churn", {}, "by their join keys"),
        ("churn", {"customer_id": []}, "1 to 1,000 entities"),
        ("churn", {"customer_id": ["a"] * 1_001}, "1 to 1,000 entities"),
        ("churn", {"customer_id": "a"}, "must be a list"),
        ("churn", {"customer_id": [1.5]}, "text or a whole number"),
        ("churn", {"customer_id": ["a"], "city": ["b"]}, "'city' is no join key"),
        ("churn", {"city": ["b"]}, "'city' is no join key"),
        ("plain", {"customer_id": ["a"]}, "declares no features"),
    ]
    for model, entities, why in cases:
        with pytest.raises(BadInputError, match=why):
            predict_entities(wanted=Wanted(model), user=user, entities=entities)


def test_who_may_not_read_the_experiment_has_no_answer_not_even_a_kept_one(ask: Any, user: User) -> None:
    found = ask("a")
    experiment = found.served.version.experiment
    grant_permission(experiment=experiment, user=user, level="NO_PERMISSIONS", by=None)
    with pytest.raises(NotFoundError, match="No model named 'churn' is served"):
        ask("a")


def test_eight_threads_that_miss_together_compute_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached_answers, "WAIT_SECONDS", 20)
    take, asked = cached_answers.in_flight.take, threading.Semaphore(0)

    def told_take(keys: list[str]) -> Any:
        taken = take(keys)
        asked.release()
        return taken

    monkeypatch.setattr(cached_answers.in_flight, "take", told_take)
    for is_away in (False, True):
        computed: list[str] = []
        found: list[Any] = []
        started = threading.Barrier(8)

        def compute(missing: list[str], computed: list[str] = computed) -> list[Answer]:
            computed.extend(missing)
            assert all(asked.acquire(timeout=20) for _ in range(8))  # all have missed
            return [Answer(1)] * len(missing)

        def ask_once(
            started: threading.Barrier = started, found: list[Any] = found, compute: Any = compute
        ) -> None:
            started.wait()
            found.append(answers_for([f"{keys._prefix()}:prediction:{{m:1}}:a:x"], compute))

        if is_away:
            monkeypatch.setattr(predictions, "look_up", lambda _: predictions.Lookups({}, is_away=True))
        threads = [threading.Thread(target=ask_once) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(computed) == 1
        assert [answer.prediction for each in found for answer, _ in each.values()] == [1] * 8


def test_what_another_process_computes_is_waited_for_and_computed_here_where_it_dies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = f"{keys._prefix()}:prediction:{{m:1}}:a:x"
    other = predictions.look_up([key])
    assert other.ours == {key}
    monkeypatch.setattr(cached_answers, "WAIT_SECONDS", 20)
    timer = threading.Timer(0.03, predictions.fill, [{key: b"[7,null,[]]"}, other.token])
    timer.start()
    assert answers_for([key], lambda _: pytest.fail("computed twice")) == {key: (Answer(7), True)}
    timer.join()
    monkeypatch.setattr(cached_answers, "WAIT_SECONDS", 0.02)
    dead = key.replace(":a:", ":b:")
    predictions.look_up([dead])
    assert answers_for([dead], lambda missing: [Answer(8)] * len(missing)) == {dead: (Answer(8), False)}


@pytest.mark.parametrize("servers", [(), ("CACHE",)], ids=str)
def test_a_failed_computation_fails_and_is_tried_again_by_the_next(
    settings: LazySettings, servers: tuple[str, ...]
) -> None:
    key = f"{keys._prefix()}:prediction:{{m:1}}:a:x"

    def fail(_: list[str]) -> list[Answer]:
        raise BadInputError("no")

    with redis_is_away(settings, *servers):
        for _ in range(2):
            with pytest.raises(BadInputError):
                answers_for([key], fail)
        assert answers_for([key], lambda _: [Answer(1)]) == {key: (Answer(1), False)}


@pytest.mark.parametrize("servers", [(), ("CACHE",)], ids=str)
def test_an_answer_that_cannot_be_kept_leaves_nobody_waiting(
    settings: LazySettings, servers: tuple[str, ...]
) -> None:
    key = f"{keys._prefix()}:prediction:{{m:1}}:a:x"
    with redis_is_away(settings, *servers):
        for answers in ([Answer(b"no JSON")], []):
            with pytest.raises((TypeError, ValueError)):
                answers_for([key], lambda _, answers=answers: answers)
            assert cached_answers.in_flight.of([key]) == {}
        assert answers_for([key], lambda _: [Answer(1)]) == {key: (Answer(1), False)}


def test_who_waits_for_another_thread_hears_of_its_failure_or_gives_up(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached_answers, "FLIGHT_SECONDS", 0.01)
    key = f"{keys._prefix()}:prediction:{{m:1}}:a:x"
    cached_answers.in_flight.take([key])
    with redis_is_away(settings, "CACHE"):
        with pytest.raises(StoreUnavailableError, match="too long"):
            answers_for([key], lambda _: [Answer(1)])
        flight = cached_answers.in_flight.of([key])[key]
        cached_answers.in_flight.crash([key], BadInputError("no"))
        assert isinstance(flight.exception(), BadInputError)


def test_a_cache_that_goes_away_in_between_keeps_nothing_and_knows_nothing(settings: LazySettings) -> None:
    with redis_is_away(settings, "CACHE"):
        predictions.fill({"any": b"1"}, "token")
        predictions.give_up(["any"], "token")
        assert predictions.peek(["any"]) == {}


def test_with_redis_and_postgresql_away_the_features_are_told_to_be_out_of_reach(
    ask: Any, settings: LazySettings
) -> None:
    ask("a")
    reading = reading_of(FEATURES, {"customer_id": ["a"]})
    with redis_is_away(settings, "STORE"), connection.execute_wrapper(postgresql_away):
        with pytest.raises(StoreUnavailableError, match="Neither Redis nor PostgreSQL"):
            read_vectors(reading)


def postgresql_away(*_: object) -> None:
    raise OperationalError("away")


def test_a_feature_that_no_view_has_is_told(ask: Any) -> None:
    register(churn_bytes(1), name="odd", features=["rfm:height"])
    with pytest.raises(BadInputError, match="no feature 'rfm:height'"):
        predict_entities(wanted=Wanted("odd"), user=User(is_superuser=True), entities={"customer_id": ["a"]})


def test_without_redis_everything_comes_from_postgresql(
    ask: Any, rfm: FeatureView, settings: LazySettings
) -> None:
    online, version = shares(ask("a")), ask("a").answers[0].vector.version
    FeatureValue.objects.create(view=rfm, entity_key="a", event_at=NOON, values=[0.1, 0.5])
    with redis_is_away(settings, "STORE", "CACHE"):
        for _ in range(2):
            found = ask("a")
            assert (found.vectors.source, hits(found), shares(found)) == ("offline", [False], online)
            assert found.answers[0].vector.version == version


def test_an_emptied_store_is_stood_in_for(ask: Any, rfm: FeatureView) -> None:
    FeatureValue.objects.create(view=rfm, entity_key="a", event_at=NOON, values=[0.1, 0.5])
    online = shares(ask("a"))
    redis_connection.delete_keys(prefix=redis_connection.settings.REDIS_KEY_PREFIX)
    found = ask("a")
    assert (found.vectors.source, shares(found)) == ("offline", online)


def test_without_the_cache_answers_are_computed(ask: Any, settings: LazySettings) -> None:
    with redis_is_away(settings, "CACHE"):
        assert [hits(ask("a")), hits(ask("a"))] == [[False], [False]]


def test_what_is_remembered_goes_on_while_postgresql_is_away() -> None:
    answers: Iterator[Any] = iter([1, OperationalError(), 2, NotFoundError("gone"), OperationalError()])

    def read(_: str) -> int:
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return int(found)

    known = Remembered(read, seconds=0.0)
    assert known("a") == 1
    assert known("a") == 1
    known._known["a"] = (1, 0.0, 0.0)
    assert known("a") == 2
    with pytest.raises(NotFoundError):
        known("a")
    with pytest.raises(OperationalError):
        known("a")


def test_a_model_is_not_needed_for_what_is_kept(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ask("a")
    loading.loaded_models().forget()
    monkeypatch.setattr(ServableModel, "predict", lambda *_: pytest.fail("computed"))
    assert hits(ask("a")) == [True]
    assert len(loading.loaded_models()) == 0


def test_hits_and_misses_are_told_with_those_of_the_other_caches(ask: Any) -> None:
    def told() -> tuple[int, int, int]:
        counts = cache_counts.of_this_process().get("prediction", dict.fromkeys(cache_counts.EVENTS, 0))
        return counts["redis"], counts["misses"], counts["fills"]

    before = told()
    ask("a")
    ask("a", "b")
    assert [now - then for now, then in zip(told(), before, strict=True)] == [1, 2, 2]
    assert "prediction" in [line.cache for line in cache_statistics().caches]
