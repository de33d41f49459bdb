"""Each page on a desk and a telephone, light and dark, by axe, by keyboard, without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.e2e.addresses import ELSEWHERE, NOT_HTML, PAGES
from tests.e2e.conftest import Site
from tests.e2e.looking import DARK, DESK, LIGHT, PHONE, out_of_reach, overflow, violations
from tests.e2e.showcase import Showcase
from tests.routes.walking import every_route

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]
REFUSED = "the server responded with a status of 40"
PROGRAMS = ("admin:", "api:", "mlflow:", "features:", "serving:")
names = pytest.mark.parametrize("name", [*PAGES, "elsewhere"])


def addresses(name: str, showcase: Showcase) -> list[str]:
    return [each.format(**showcase.places) for each in PAGES.get(name, ELSEWHERE)]


@names
def test_a_page_is_accessible_fits_a_phone_and_breaks_no_policy(
    name: str, site: Site, showcase: Showcase
) -> None:
    for path in addresses(name, showcase):
        for screen in (DESK, PHONE):
            page = site.open(path, **screen, reduced_motion="reduce")
            assert overflow(page) <= 0
            assert page.locator("h1").count() == 1
            for scheme in (LIGHT, DARK):
                page.emulate_media(**scheme)
                assert violations(page) == []
    assert [each for each in site.complaints if REFUSED not in each] == []


@names
def test_a_page_is_used_by_the_keyboard_alone(name: str, site: Site, showcase: Showcase) -> None:
    page = site.open(addresses(name, showcase)[0], **DESK)
    assert out_of_reach(page) == []


@names
def test_a_page_is_whole_without_javascript(name: str, site: Site, showcase: Showcase) -> None:
    path = addresses(name, showcase)[0]
    without, with_scripts = (site.open(path, java_script_enabled=is_on, **DESK) for is_on in (False, True))
    expect(without.locator("h1")).to_be_visible()
    headings = [page.get_by_role("heading").all_inner_texts() for page in (without, with_scripts)]
    assert headings[0] == headings[1]


def test_every_page_is_looked_at() -> None:
    pages = {each.key for each in every_route() if not each.key.startswith(PROGRAMS) and each.name}
    assert pages - NOT_HTML == set(PAGES)
