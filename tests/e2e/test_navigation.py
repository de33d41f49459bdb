"""The header: its panels without JavaScript, its keys with it."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Site
from tests.e2e.looking import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


@pytest.mark.parametrize(("button", "look"), [("Menu", PHONE), ("More", DESK)])
def test_the_panels_open_and_close_without_javascript(
    site: Site, button: str, look: dict[str, object]
) -> None:
    page = site.open("/search/", java_script_enabled=False, **look)
    workers = page.get_by_role("link", name="Workers")
    expect(workers).to_be_hidden()
    page.get_by_role("button", name=button).click()
    expect(workers).to_be_visible()
    page.keyboard.press("Escape")
    expect(workers).to_be_hidden()
    page.get_by_role("button", name=button).click()
    workers.click()
    expect(page.get_by_role("heading", name="Workers")).to_be_visible()


def test_keys_lead_through_the_site(site: Site) -> None:
    page = site.open("/search/", **DESK)
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Experiments")).to_be_visible()
    page.wait_for_load_state("load")  # the keys are heard once the scripts have run
    page.keyboard.press("/")
    expect(page.get_by_label("Search everything")).to_be_focused()
    page.keyboard.type("gd?")
    expect(page.get_by_label("Search everything")).to_have_value("gd?")
    page.locator("h1").click()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_contain_text("Datasets")
    keys.get_by_label("Shortcuts are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name="Experiments")).to_be_visible()
    page.get_by_text("grace").first.click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(keys).to_be_visible()
