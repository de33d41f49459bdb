import datetime as dt
import json

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from registry.documents.connection import collection
from registry.services.model_configs import insert_model_config
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo")]
LIST = "/admin/registry/modelconfigdocument/"


@pytest.fixture
def config_id() -> str:
    insert_model_config(name="other", framework="keras", config={"lr": 0.5})
    return insert_model_config(
        name="<b>ünï</b>",
        framework="pytorch",
        config={"a.b": {"$x": [1, {"deep": True}]}, "lr": 0.1, "n": float("nan")},
    )


def listed(client: Client, query: str = "") -> list[str]:
    response = client.get(LIST + query)
    assert response.status_code == 200
    return [row.cells[0] for row in response.context.get("rows", [])]


@pytest.mark.parametrize(
    "name",
    ["modelconfigdocument", "experimentdocument", "rundocument", "customerdocument", "eventdocument"],
)
def test_an_empty_collection_says_what_to_do(name: str, admin_client: Client) -> None:
    assert "seed_demo" in admin_client.get(f"/admin/registry/{name}/").content.decode()


def test_documents_are_listed_and_narrowed(admin_client: Client, config_id: str) -> None:
    assert set(listed(admin_client)) == {"<b>ünï</b>", "other"}
    assert listed(admin_client, "?quick=keras") == ["other"]
    assert listed(admin_client, "?path=config.lr&operator=gt&value=0.2") == ["other"]
    assert listed(admin_client, "?path=config.lr&operator=in&value=0.1, 7") == ["<b>ünï</b>"]
    assert listed(admin_client, "?path=name&operator=prefix&value=oth") == ["other"]
    assert listed(admin_client, "?path=config.n&operator=exists&value=true") == ["<b>ünï</b>"]
    page = admin_client.get(LIST).content.decode()
    assert "&lt;b&gt;ünï" in page
    assert "<b>ünï" not in page


@pytest.mark.parametrize(
    "query", ["?path=$where&value=1", "?path=a&operator=exists&value=maybe", "?path=__raw__"]
)
def test_a_bad_filter_is_told_and_not_run(query: str, admin_client: Client, config_id: str) -> None:
    response = admin_client.get(LIST + query)
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()


def test_an_object_typed_as_a_value_is_text(admin_client: Client, config_id: str) -> None:
    assert listed(admin_client, '?path=config.lr&operator=eq&value={"$gt":0}') == []


def test_a_document_is_a_tree_and_a_file(admin_client: Client, config_id: str) -> None:
    page = admin_client.get(f"{LIST}{config_id}/change/").content.decode()
    assert "<b>a.b</b>" in page
    assert "<b>$x</b>" in page
    assert "<b>ünï" not in page
    answer = admin_client.get(f"{LIST}{config_id}/json/")
    assert answer["Content-Disposition"].startswith("attachment")
    body = json.loads(answer.content)
    assert body["config"] == {"a.b": {"$x": [1, {"deep": True}]}, "lr": 0.1, "n": "nan"}


def test_a_wide_document_shows_its_first_200_children(admin_client: Client) -> None:
    config_id = insert_model_config(name="wide", framework="keras", config={"list": list(range(1_000))})
    page = admin_client.get(f"{LIST}{config_id}/change/").content.decode()
    assert "800 more" in page


def test_a_document_that_is_not_there_is_404(admin_client: Client) -> None:
    assert admin_client.get(f"{LIST}{'f' * 32}/change/").status_code == 404
    assert admin_client.get(f"{LIST}{'f' * 32}/json/").status_code == 404


def test_only_those_who_may_view_see_documents(client: Client, config_id: str) -> None:
    user = UserFactory(is_staff=True)
    client.force_login(user)
    for url in (LIST, f"{LIST}{config_id}/change/", f"{LIST}{config_id}/json/"):
        assert client.get(url).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_modelconfigdocument"))
    client.force_login(type(user).objects.get(pk=user.pk))
    assert client.get(LIST).status_code == 200


def test_nothing_can_be_written(admin_client: Client, config_id: str) -> None:
    admin_client.post(f"{LIST}{config_id}/change/", {"name": "x"})
    assert admin_client.get(f"{LIST}add/").status_code == 404
    assert admin_client.get(f"{LIST}{config_id}/delete/").status_code == 404
    assert collection("model_configs").count_documents({"name": "x"}) == 0


def test_pages_follow_one_another_by_date_also_where_many_have_the_same(admin_client: Client) -> None:
    for place in range(120):
        insert_model_config(name=f"n{place:03}", framework="keras", config={"p": place})
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    collection("model_configs").update_many({"config.p": {"$lt": 110}}, {"$set": {"created_at": at}})
    seen, query = [], "?framework=keras"
    while query:
        response = admin_client.get(LIST + query)
        seen.append([row.cells[0] for row in response.context["rows"]])
        query = f"?older={response.context['older']}" if response.context["older"] else ""
    assert [len(page) for page in seen] == [50, 50, 20]
    assert sorted(name for page in seen for name in page) == [f"n{place:03}" for place in range(120)]


def test_a_list_ends_before_documents_without_a_date(admin_client: Client) -> None:
    collection("experiments").insert_many({"_id": f"{n:032x}", "v": 1, "name": "undated"} for n in range(60))
    response = admin_client.get("/admin/registry/experimentdocument/")
    assert (len(response.context["rows"]), response.context["older"]) == (50, "")


@pytest.mark.parametrize("place", ["x", "-1.0", "9" * 30 + ".0", "1.x", "\u0661.0"])
def test_a_place_that_is_none_is_the_first_page(place: str, admin_client: Client, config_id: str) -> None:
    assert len(listed(admin_client, f"?older={place}")) == 2


def test_without_mongodb_the_pages_say_what_to_do(mongodb_away: None, admin_client: Client) -> None:
    for url in (LIST, f"{LIST}{'f' * 32}/change/"):
        response = admin_client.get(url)
        assert response.status_code == 200
        assert "manage.py doctor" in response.content.decode()
    assert admin_client.get(f"{LIST}{'f' * 32}/json/").status_code == 503
