import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Site
from tests.e2e.looking import DESK, PHONE
from tests.e2e.showcase import Showcase

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


def test_dark_is_dark(site: Site) -> None:
    page = site.open("/login/", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 17, 22)"


def test_the_site_is_used_without_javascript(site: Site, showcase: Showcase) -> None:
    page = site.open("/", java_script_enabled=False, **DESK)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Runs").click()
    page.get_by_label("Filter", exact=True).fill("metrics.accuracy.max > 0.8 OR params.optimizer.lr = 0.3")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(2)
    for name in ("mlp-0.3", showcase.run.name):
        page.get_by_label(f"Pick {name}").check()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", name="2 runs side by side")).to_be_visible()
    expect(page.get_by_role("img", name="val_loss", exact=True)).to_be_visible()
    page.locator("main").get_by_role("link", name=showcase.run.name).first.click()
    expect(page.get_by_role("heading", name=showcase.run.name)).to_be_visible()
    page.get_by_text("grace").first.click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_filter_that_cannot_be_read_says_where(site: Site, showcase: Showcase) -> None:
    page = site.open("/runs/?filter=metrics.accuracy+%3E", java_script_enabled=False, **DESK)
    field = page.get_by_label("Filter", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("metrics.accuracy >")
    expect(page.locator("main")).to_contain_text("^ (character 19)")


def test_a_comparison_prints_whole(site: Site, showcase: Showcase) -> None:
    page = site.open(f"/compare/?{showcase.places['runs']}", **DESK)
    page.emulate_media(media="print")
    expect(page.locator(".site-header")).to_be_hidden()
    expect(page.get_by_role("img", name="val_loss", exact=True)).to_be_visible()


def test_the_keyboard_reaches_the_content_and_wide_tables(site: Site, showcase: Showcase) -> None:
    page = site.open("/runs/", **PHONE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.get_by_role("region", name="Runs").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.table-scroll').scrollLeft > 0")


def test_an_artifact_downloads(site: Site, showcase: Showcase) -> None:
    page = site.open(f"/runs/{showcase.run.run_id}/", **DESK)
    with page.expect_download() as download:
        page.get_by_role("link", name="model/model.skops").click()
    assert download.value.suggested_filename == "model.skops"
    assert download.value.path().read_bytes() == b"\x00"


def test_the_pictures_of_a_run_are_seen(site: Site, showcase: Showcase) -> None:
    page = site.open(f"/runs/{showcase.run.run_id}/", **DESK)
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")


def test_the_run_page_prints_without_its_furniture(site: Site, showcase: Showcase) -> None:
    page = site.open(f"/runs/{showcase.run.run_id}/", **DESK)
    page.emulate_media(media="print")
    expect(page.locator(".site-header")).to_be_hidden()
    expect(page.get_by_role("heading", name=showcase.run.name)).to_be_visible()
