import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from pytest_django import DjangoAssertNumQueries

from features.models import Entity, Feature, FeatureView
from features.online import connection, view_copies
from features.queries import view_schemas
from features.queries.view_schemas import all_view_schemas, forget_view_schemas, view_schema
from features.view_schema import FeatureField, ViewSchema
from registry import breakers
from registry.exceptions import BadInputError, NotFoundError, StoreUnavailableError
from tests.features.away import redis_is_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]


@pytest.fixture(autouse=True)
def _known_for_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_schemas._remembered, "_seconds", view_schemas.FRESH_SECONDS)


@pytest.fixture
def views() -> list[FeatureView]:
    entity = Entity.objects.create(name="customer", join_keys=["customer_id"])
    made = [
        FeatureView.objects.create(
            name="rfm", version=number, entity=entity, is_active=number == 2, ttl_seconds=60
        )
        for number in (1, 2)
    ]
    for view in made:
        for position, name in enumerate(("b", "a")):
            Feature.objects.create(view=view, name=name, value_type="float", position=position)
    return made


def away(**_: object) -> list[ViewSchema]:
    raise OperationalError


def second_later(monkeypatch: pytest.MonkeyPatch, seconds: float = 2) -> None:
    later = time.monotonic() + seconds
    monkeypatch.setattr("features.queries.view_schemas.time.monotonic", lambda: later)


def test_a_view_is_asked_for_once_a_second(
    views: list[FeatureView],
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second_later(monkeypatch, 0)
    with django_assert_num_queries(2):
        found = [view_schema("rfm") for _ in range(3)]
    fields = (FeatureField("b", "float"), FeatureField("a", "float"))
    assert found[0] == ViewSchema("rfm", 2, "customer", ("customer_id",), fields, 60)
    assert view_schema("rfm", version=1).version == 1
    assert all_view_schemas() == [found[0]]
    FeatureView.objects.filter(version=2).update(is_active=False)
    FeatureView.objects.filter(version=1).update(is_active=True)
    assert view_schema("rfm").version == 2
    second_later(monkeypatch)
    assert view_schema("rfm").version == 1


def test_an_unchanged_view_stays_the_same_object(
    views: list[FeatureView], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = view_schema("rfm")
    second_later(monkeypatch)
    assert view_schema("rfm") is first


def test_a_view_that_is_not_there_is_not_found(views: list[FeatureView]) -> None:
    with pytest.raises(NotFoundError, match="no feature view other with an active version"):
        view_schema("other")
    with pytest.raises(NotFoundError, match="no feature view rfm version 3"):
        view_schema("rfm", version=3)


def test_what_is_known_is_good_while_postgresql_is_away(
    views: list[FeatureView], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = view_schema("rfm")
    monkeypatch.setattr(view_schemas, "_read", away)
    second_later(monkeypatch)
    assert view_schema("rfm") is known
    forget_view_schemas()
    assert view_schema("rfm") == known  # the copy in Redis
    with pytest.raises(StoreUnavailableError, match="nothing is known of other"):
        view_schema("other")


def test_others_go_on_while_one_asks(views: list[FeatureView], monkeypatch: pytest.MonkeyPatch) -> None:
    known = view_schema("rfm")
    second_later(monkeypatch)
    with ThreadPoolExecutor(1) as pool:

        def slow(**_: object) -> list[ViewSchema]:
            assert pool.submit(view_schema, "rfm").result(timeout=60) is known
            return [known]

        monkeypatch.setattr(view_schemas, "_read", slow)
        assert view_schema("rfm") is known


def test_of_a_view_that_nobody_knows_one_thread_asks_for_all(
    views: list[FeatureView], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, asked = view_schemas._read(name="rfm", version=2), []
    waiting: list[Future[ViewSchema]] = []
    second_later(monkeypatch, 0)
    with ThreadPoolExecutor(3) as pool:

        def slow(**named: object) -> list[ViewSchema]:
            asked.append(named)
            if len(asked) == 1:
                waiting.extend(pool.submit(view_schema, "rfm") for _ in range(3))
                time.sleep(0.05)
            return found

        monkeypatch.setattr(view_schemas, "_read", slow)
        assert view_schema("rfm") is found[0]
        assert [each.result(timeout=60) for each in waiting] == found * 3
    assert len(asked) == 1


def test_what_is_read_while_all_is_forgotten_is_not_remembered(
    views: list[FeatureView], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = view_schemas._read(name="rfm", version=2)

    def overtaken(**_: object) -> list[ViewSchema]:
        forget_view_schemas()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(view_schemas, "_read", overtaken)
        view_schema("rfm")
    FeatureView.objects.filter(version=2).update(is_active=False)
    with pytest.raises(NotFoundError):
        view_schema("rfm")


def test_a_copy_that_redis_did_not_take_or_lost_is_kept_again(
    views: list[FeatureView], monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    with redis_is_away(settings, "STORE"):
        view_schema("rfm")
    breakers.reset_all()
    second_later(monkeypatch)
    view_schema("rfm")
    assert view_copies.find("rfm")
    connection.delete_keys(prefix=connection.settings.REDIS_KEY_PREFIX)
    second_later(monkeypatch, 90)
    view_schema("rfm")
    assert view_copies.find("rfm")


@pytest.mark.parametrize("name", ["", "a:b", "a{b", "a b", "x" * 101])
def test_a_name_that_could_not_be_asked_for_is_refused(name: str) -> None:
    with pytest.raises(BadInputError, match="is no name"):
        ViewSchema(name, 1, "customer", ("id",), (), None)
