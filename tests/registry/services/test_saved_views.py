import pytest

from registry.exceptions import BadInputError, ConflictError, DuplicateNameError, NotFoundError
from registry.models import AuditEntry, SavedView
from registry.queries.saved_views import saved_views
from registry.services import saved_views as services
from registry.services.saved_views import (
    choose_default_view,
    delete_view,
    rename_view,
    save_view,
    share_view,
)
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_saving_under_the_same_name_takes_the_new_query() -> None:
    ada = UserFactory()
    save_view(owner=ada, name="best", query="q=a")
    save_view(owner=ada, name="best ", query="q=b")
    assert list(SavedView.objects.values_list("name", "query")) == [("best", "q=b")]
    save_view(owner=UserFactory(), name="best", query="q=c")
    assert SavedView.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "query", "why"),
    [
        (" ", "q=a", "The view's name is blank"),
        ("n" * 101, "q=a", "101 characters"),
        ("a\0b", "q=a", "The view's name"),
        ("a", "q" * 3_501, "3,501 characters"),
        ("a", "q=\0", "The view's address"),
    ],
)
def test_what_can_not_be_kept_is_refused(name: str, query: str, why: str) -> None:
    with pytest.raises(BadInputError, match=why):
        save_view(owner=UserFactory(), name=name, query=query)
    assert not SavedView.objects.exists()


def test_a_person_has_a_limited_number_of_views(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_VIEWS", 1)
    ada = UserFactory()
    save_view(owner=ada, name="a", query="q=a")
    with pytest.raises(ConflictError, match="Delete one first"):
        save_view(owner=ada, name="b", query="q=b")
    save_view(owner=ada, name="a", query="q=c")


def test_a_name_is_taken_once() -> None:
    ada = UserFactory()
    for name in ("a", "b"):
        save_view(owner=ada, name=name, query="q=a")
    with pytest.raises(DuplicateNameError, match="named 'b' already"):
        rename_view(owner=ada, name="a", new_name="b")
    assert rename_view(owner=ada, name="a", new_name="a").name == "a"


def test_views_of_others_can_not_be_changed() -> None:
    save_view(owner=UserFactory(), name="a", query="q=a")
    for change in (
        lambda user: rename_view(owner=user, name="a", new_name="b"),
        lambda user: share_view(owner=user, name="a", is_shared=True),
        lambda user: delete_view(owner=user, name="a"),
        lambda user: choose_default_view(owner=user, name="a\0"),
    ):
        with pytest.raises(NotFoundError, match="You have no view named"):
            change(UserFactory())


def test_one_view_is_the_default_and_only_for_its_owner() -> None:
    ada, bob = UserFactory(), UserFactory()
    for name in ("b", "a"):
        save_view(owner=ada, name=name, query=f"q={name}")
        share_view(owner=ada, name=name, is_shared=True)
        choose_default_view(owner=ada, name=name)
    save_view(owner=bob, name="c", query="q=c")
    assert [(view.name, view.is_default) for view in saved_views(ada)] == [("a", True), ("b", False)]
    assert [(view.name, view.is_default) for view in saved_views(bob)] == [
        ("c", False), ("a", False), ("b", False),
    ]  # fmt: skip
    assert choose_default_view(owner=ada, name="") is None
    assert not any(view.is_default for view in saved_views(ada))


def test_every_change_is_in_the_audit_trail() -> None:
    ada = UserFactory()
    save_view(owner=ada, name="a", query="q=a")
    share_view(owner=ada, name="a", is_shared=True)
    share_view(owner=ada, name="a", is_shared=True)
    share_view(owner=ada, name="a", is_shared=False)
    choose_default_view(owner=ada, name="a")
    rename_view(owner=ada, name="a", new_name="b")
    delete_view(owner=ada, name="b")
    assert list(AuditEntry.objects.order_by("id").values_list("action", "subject_id")) == [
        ("view.save", "a"), ("view.share", "a"), ("view.unshare", "a"), ("view.default", "a"),
        ("view.rename", "b"), ("view.delete", "b"),
    ]  # fmt: skip
