import re

from django.template import Context
from django.test import RequestFactory

from mlplatform_site.templatetags.navigation import nav_link


def link_at(path: str, name: str) -> str:
    context = Context({"request": RequestFactory().get(path)})
    found = re.search('aria-current="(.+?)"', nav_link(context, name, "Any", "x"))
    return found[1] if found else ""


def test_a_link_has_its_key_and_its_label() -> None:
    context = Context({"request": RequestFactory().get("/runs/")})
    assert (
        nav_link(context, "analysis:workers", "<W>", "w") == '<a href="/workers/" data-key="w">&lt;W&gt;</a>'
    )


def test_a_link_is_current_on_its_page_and_on_those_below_it() -> None:
    assert link_at("/runs/", "analysis:run-list") == "page"
    assert link_at("/runs/0/", "analysis:run-list") == "true"
    assert link_at("/workers/", "analysis:run-list") == ""


def test_the_front_page_is_current_nowhere_else() -> None:
    assert link_at("/", "analysis:store-overview") == "page"
    assert link_at("/runs/", "analysis:store-overview") == ""


def test_a_page_named_like_another_is_not_taken_for_it() -> None:
    assert link_at("/models/runs/", "analysis:run-list") == ""


def test_a_page_that_does_not_exist_has_no_link() -> None:
    assert nav_link(Context({}), "analysis:nowhere", "Nowhere", "n") == ""
