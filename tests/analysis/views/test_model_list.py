import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analysis.queries.model_registry import model_list as queries
from registry.models import ModelAlias
from registry.services.deployments import deploy
from registry.services.registered_models import set_model_tag
from tests.analysis.views.model_worlds import ODD, model_with_versions, visitor
from tests.factories import RegisteredModelFactory

pytestmark = pytest.mark.django_db
URL = reverse("analysis:model-list")


def page(client: Client, expected: int = 200, **query: object) -> str:
    response = client.get(URL, query)
    assert response.status_code == expected
    return response.content.decode()


def names(html: str) -> list[str]:
    return re.findall(r'<th scope="row" class="cell-long">\s*<a href="[^"]+">([^<]+)<', html)


def test_an_empty_registry_says_how_to_register_a_model(reader: Client) -> None:
    html = page(reader)
    assert "No models yet" in html
    assert "create_model_version(" in html
    assert "registered_model_name=" in html


def test_a_model_shows_its_versions_aliases_places_and_best_score() -> None:
    model = model_with_versions("churn", 3)
    ModelAlias.objects.create(model=model, alias="champion", version=model.versions.get(number=2))
    deploy(model="churn", version=1, environment="production")
    html = " ".join(page(visitor("READ", model)).split())
    for shown in ("production v1", "@champion v2", ">v3<", "0.83", "accuracy, v3", '<td class="num">3</td>'):
        assert shown in html


def test_what_may_not_be_read_is_not_told() -> None:
    model = model_with_versions("churn", 2)
    ModelAlias.objects.create(model=model, alias="secret", version=model.versions.get(number=2))
    deploy(model="churn", version=1, environment="production")
    html = page(visitor("NO_PERMISSIONS", model))
    assert names(html) == ["churn"]
    for hidden in ("production", "secret", "accuracy", "v1", "v2"):
        assert hidden not in html


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["b churn", "a churn", "other"]),
        ("CHURN", ["b churn", "a churn"]),
        ("churn b", ["b churn"]),
        ("tags.team = 'risk'", ["a churn"]),
        ("name LIKE '%churn' AND tags.team IS NULL", ["b churn"]),
        ("nothing", []),
        ("o_her", []),
        ("%", []),
    ],
)
def test_words_and_filters_find_models(reader: Client, text: str, found: list[str]) -> None:
    for name in ("other", "a churn", "b churn"):
        RegisteredModelFactory.create(name=name)
    set_model_tag(name="a churn", key="team", value="risk")
    set_model_tag(name="b churn", key="tier", value="1")
    assert names(page(reader, q=text)) == found


def test_names_with_words_of_the_filter_language_are_found(reader: Client) -> None:
    for name in ("sign-in", "plug in (old)", "is-fraud", "100%_sure"):
        RegisteredModelFactory.create(name=name)
    for text, found in (
        ("sign-in", ["sign-in"]),
        ("plug in old", ["plug in (old)"]),
        ("is-fraud", ["is-fraud"]),
        ("%_S", ["100%_sure"]),
        ("g-_n", []),
    ):
        assert names(page(reader, q=text)) == found


def test_more_words_than_a_name_has_are_refused(reader: Client) -> None:
    assert "21 words were typed; at most 20" in page(reader, 400, q="a " * 21)


def test_a_filter_that_cannot_be_read_points_at_the_place(reader: Client) -> None:
    html = page(reader, 400, q="tags.team = ")
    assert "cannot be read" in html
    assert "^" in html
    assert "tags.team = " in html


def test_pages_follow_one_another_in_either_order(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    for name in "acbde":
        RegisteredModelFactory.create(name=name)
    for sort, expected in (("name", "abcde"), ("-name", "edcba")):
        html, seen = page(reader, sort=sort), []
        while True:
            seen += names(html)
            link = re.search(r'rel="next"\s+href="([^"]+)"', html)
            if link is None:
                break
            html = reader.get(URL + link[1].replace("&amp;", "&")).content.decode()
        assert "".join(seen) == expected
    assert names(page(reader, sort="name", cursor="made up")) == ["a", "b"]


def test_a_name_with_everything_in_it_leads_to_its_page(reader: Client) -> None:
    RegisteredModelFactory.create(name=ODD)
    address = re.search(r'<th scope="row" class="cell-long">\s*<a href="([^"]+)"', page(reader))
    assert address is not None
    answer = reader.get(address[1].replace("&#x27;", "'"))
    assert answer.status_code == 200
    assert answer.context["about"].name == ODD


def test_the_number_of_statements_does_not_grow_with_the_models() -> None:
    first = model_with_versions("first", 1)
    client = visitor("READ", first)
    with CaptureQueriesContext(connection) as few:
        page(client)
    for name in ("second", "third"):
        model_with_versions(name, 3)
        deploy(model=name, version=1, environment="production")
    with CaptureQueriesContext(connection) as many:
        assert len(names(page(client))) == 3
    assert len(few) == len(many) <= 10
