"""Every route, asked with every method by every role (abuse cases A16 to A20)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import path

from mlplatform_site import urls
from mlplatform_site.health.views import livez
from mlplatform_site.middleware import is_for_programs
from registry.api.urls import urlpatterns as api_patterns

from .answers import ADMIN, ADMIN_MODELS, API, EXCEPTIONS, PAGES
from .asking import body_of, path_of
from .expecting import expected
from .mlflow import MLFLOW
from .walking import Found, every_route
from .world import World, fingerprint, make_world

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
ROUTES = every_route()
ANY_METHOD = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def group_of(route: Found) -> str:
    """Routes are tested in groups, so that workers share them."""
    parts = route.pattern.lstrip("^").split("/")
    if route.name.startswith("mlflow:"):
        return "mlflow"
    if parts[0] == "admin" and parts[1] in ("registry", "features"):
        return f"{parts[1]} {'a to l' if parts[2] < 'm' else 'm to z'}"
    if parts[0] == "admin":
        return "admin"
    return "api" if is_for_programs(f"/{route.pattern.lstrip('^')}") else "pages"


@pytest.fixture
def world(mongo: None) -> World:
    return make_world()


@pytest.mark.fault
@pytest.mark.timeout(300)
@pytest.mark.parametrize("group", sorted({group_of(route) for route in ROUTES}))
def test_every_role_is_answered_as_the_table_says(world: World, group: str) -> None:
    wrong = [
        line
        for route in ROUTES
        if group_of(route) == group
        for method, answers in expected(route).items()
        for line in surprises(world, route, method, answers)
    ]
    assert not wrong, "\n".join(wrong)


def surprises(world: World, route: Found, method: str, answers: dict[str, int]) -> Iterator[str]:
    """Answers that are not the expected ones, and changes by those who were refused."""
    address, body = path_of(route, world, method), body_of(method, route, world)
    before = fingerprint()
    may_change = method != "GET"
    for role, status in answers.items():
        undo = transaction.savepoint()
        found = world.ask(role, method, address, body)
        if found != status:
            yield f"{method} {address} as {role}: {found} instead of {status}"
        is_done = found < 300 or found == 303
        if may_change and (is_done or role == "administrator" or address.endswith("/logout/")):
            transaction.savepoint_rollback(undo)
        else:
            transaction.savepoint_commit(undo)
    if fingerprint() != before:
        changed = [name for name, rows in fingerprint().items() if rows != before[name]]
        yield f"{method} {address} changed {changed} for one who was refused, or by reading"


@pytest.mark.parametrize("route", [each for each in ROUTES if each.methods], ids=lambda route: route.key)
def test_the_api_refuses_every_other_method(world: World, route: Found) -> None:
    others = set(ANY_METHOD) - set(route.methods or [])
    asked = {method: world.ask("administrator", method, path_of(route, world)) for method in others}
    assert asked == dict.fromkeys(others, 405)
    assert {world.ask("anonymous", method, path_of(route, world)) for method in others} == {401}


def test_the_table_has_no_line_for_what_is_not_there() -> None:
    there = {f"{method} {route.key}" for route in ROUTES for method in route.methods or ["GET", "POST"]}
    assert (API | MLFLOW | PAGES | EXCEPTIONS).keys() - there == set()
    models = {key.split(":")[1].rsplit("_", 1)[0] for key in there if key.endswith("_changelist")}
    assert models == ADMIN_MODELS.keys()
    assert set(ADMIN_MODELS.values()) == ADMIN.keys()


@pytest.mark.fault
def test_every_page_refuses_a_form_that_another_site_sends(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["administrator"])
    taken = []
    for route in ROUTES:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            address = path_of(route, world)
            answer = client.generic(method, address, headers={"Origin": "https://evil.example"})
            refused = 401 if is_for_programs(address) else 403
            taken += [f"{method} {address}: {answer.status_code}"] if answer.status_code != refused else []
    assert taken == []


@pytest.fixture
def unknown_route() -> Iterator[Callable[[list[Any]], Found]]:
    added: list[tuple[list[Any], Any]] = []

    def add(patterns: list[Any]) -> Found:
        patterns.insert(0, path("news", livez, name="news"))
        added.append((patterns, patterns[0]))
        return next(route for route in every_route() if route.pattern.endswith("news"))

    yield add
    for patterns, pattern in added:
        patterns.remove(pattern)


@pytest.mark.parametrize("patterns", [urls.urlpatterns, api_patterns], ids=["site", "api"])
def test_a_route_that_the_table_does_not_know_fails(
    unknown_route: Callable[[list[Any]], Found], patterns: list[Any]
) -> None:
    with pytest.raises(AssertionError, match="news: add it to tests/routes/answers.py"):
        expected(unknown_route(patterns))


def test_every_view_of_the_api_is_made_by_route() -> None:
    assert [
        route.key
        for route in ROUTES
        if is_for_programs(f"/{route.pattern.lstrip('^')}") and not route.methods
    ] == []


def test_the_fingerprint_sees_one_cell_change_and_not_a_delivery(world: World) -> None:
    before = fingerprint()
    assert type(world.run).objects.filter(body_version=0).update(body_version=1)
    assert fingerprint() == before
    type(world.run).objects.filter(pk=world.run.pk).update(name="other")
    after = fingerprint()
    assert {table for table in before if after[table] != before[table]} == {"registry_trainingrun"}
