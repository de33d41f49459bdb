import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from registry.models import SavedView
from registry.services.saved_views import choose_default_view, save_view, share_view
from tests.factories import RunFactory, UserFactory

pytestmark = pytest.mark.django_db
URL, TABLE = reverse("analysis:run-views"), reverse("analysis:run-list")


@pytest.fixture
def ada(client: Client) -> User:
    user = UserFactory.create(username="ada")
    client.force_login(user)
    return user


def post(client: Client, action: str, **fields: Any) -> tuple[str, list[str]]:
    response = client.post(URL, {"action": action} | fields)
    assert response.status_code == 303
    client.cookies.pop("messages", None)  # told once
    return response["Location"], [str(each) for each in get_messages(response.wsgi_request)]


def test_the_table_as_it_stands_is_saved_under_a_name(client: Client, ada: User) -> None:
    back = "sort=-accuracy&cursor=xyz&filter=accuracy+%3E+0.5&q=&hello=1"
    where, told = post(client, "save", name=" best ", back=back)
    assert (where, told) == ("/runs/?filter=accuracy+%3E+0.5&sort=-accuracy", ["Saved as “best”."])
    view = SavedView.objects.get()
    assert (view.owner, view.name, view.query, view.is_shared) == (
        ada, "best", "filter=accuracy+%3E+0.5&sort=-accuracy", False,
    )  # fmt: skip
    html = client.get(where).content.decode()
    assert "View “best”" in html
    link = r'<a href="\?filter=accuracy\+%3E\+0.5&amp;sort=-accuracy"\s+aria-current="page">best</a>'
    assert re.search(link, html)


def test_an_untouched_table_is_not_saved(client: Client, ada: User) -> None:
    where, (told,) = post(client, "save", name="all", back="")
    assert where == "/runs/?lifecycle="
    assert told.startswith("This is the table as it comes.")


def test_a_view_is_renamed_shared_and_deleted_by_its_owner(client: Client, ada: User) -> None:
    RunFactory()
    post(client, "save", name="a", back="q=x", share="1")
    assert SavedView.objects.get().is_shared
    post(client, "unshare", name="a")
    assert not SavedView.objects.get().is_shared
    assert post(client, "share", name="a")[1] == [
        "Everyone sees “a” now; what runs it finds depends on what they may read."
    ]
    assert post(client, "rename", name="a", new_name="b")[1] == ["“a” is called “b” now."]
    assert post(client, "delete", name="b")[1] == ["Deleted the view “b”."]
    assert not SavedView.objects.exists()


def test_a_default_view_opens_where_nothing_is_wished(client: Client, ada: User) -> None:
    save_view(owner=ada, name="a", query="q=x")
    assert post(client, "default", name="a")[1] == ["Your runs table begins with “a” now."]
    assert client.get(TABLE)["Location"] == "?q=x"
    assert client.get(TABLE, {"lifecycle": ""}).status_code == 200
    assert client.get(TABLE, {"q": "x"}).status_code == 200
    post(client, "default", name="")
    assert client.get(TABLE).status_code == 200


def test_others_see_a_shared_view_and_its_conditions_only(client: Client, ada: User) -> None:
    bob = UserFactory.create(username="bob")
    for name in ("open", "own"):
        save_view(owner=bob, name=name, query=f"q={name}")
    share_view(owner=bob, name="open", is_shared=True)
    choose_default_view(owner=bob, name="open")
    html = client.get(TABLE).content.decode()
    assert 'href="?q=open"' in html
    assert "bob" in html
    assert "q=own" not in html
    assert "View “open”\n            of bob" in client.get(TABLE, {"q": "open"}).content.decode()
    for action in ("rename", "delete", "share", "unshare", "default"):
        assert post(client, action, name="open", new_name="mine")[1] == ["You have no view named 'open'."]
    assert SavedView.objects.filter(owner=bob).count() == 2


def test_what_is_no_action_on_views_is_told(client: Client, ada: User) -> None:
    assert post(client, "paint", name="a")[1] == [
        "Choose what to do with the view: save, rename, share, unshare, default, delete."
    ]
