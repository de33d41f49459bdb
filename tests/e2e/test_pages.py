from typing import Any

import pytest
from playwright.sync_api import Page, expect

from registry.models import TrainingRun
from tests.e2e.conftest import AXE, Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = {
    "overview": "/",
    "runs": "/runs/?metrics=val_loss,accuracy&params=optimizer.lr&sort=-metric.accuracy",
    "runs that cannot be filtered": "/runs/?param=lr",
    "runs that do not match": "/runs/?q=nothing",
    "run": "/runs/{run_id}/?y=log&smooth=0.6",
    "workers": "/workers/",
    "leaderboard": "/leaderboards/",
    "login": "/login/?next=/runs/",
    "not found": "/no/such/page/",
}


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", WCAG)
    return [f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_fits_a_phone_and_breaks_no_policy(
    name: str, site: Site, full_run: TrainingRun
) -> None:
    path = PAGES[name].format(run_id=full_run.run_id)
    for look in ({**DESK, "color_scheme": "light"}, {**PHONE, "color_scheme": "dark"}):
        page = site.open(path, **look)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.locator("h1").count() == 1
        assert violations(page) == []
    said = [each for each in site.complaints if "the server responded with a status of 40" not in each]
    assert said == []


def test_dark_is_dark(site: Site) -> None:
    page = site.open("/login/", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 17, 22)"


def test_the_site_is_used_without_javascript(site: Site, full_run: TrainingRun) -> None:
    page = site.open("/", java_script_enabled=False, **DESK)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Runs").click()
    page.get_by_label("Metrics", exact=True).fill("accuracy>0.5")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_text("Columns of metrics and params").click()
    page.get_by_label("val_loss").check()
    page.get_by_role("button", name="Show these columns").click()
    expect(page.get_by_role("columnheader", name="val_loss")).to_be_visible()
    page.get_by_role("link", name=full_run.name).click()
    expect(page.get_by_role("heading", name=full_run.name)).to_be_visible()
    expect(page.get_by_role("img", name="loss", exact=True)).to_be_visible()
    page.get_by_text("grace").first.click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_the_keyboard_reaches_the_content_and_wide_tables(site: Site, full_run: TrainingRun) -> None:
    page = site.open("/runs/", **PHONE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.get_by_role("region", name="Runs").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.table-scroll').scrollLeft > 0")


def test_an_artifact_downloads(site: Site, full_run: TrainingRun) -> None:
    page = site.open(f"/runs/{full_run.run_id}/", **DESK)
    with page.expect_download() as download:
        page.get_by_role("link", name="model/model.skops").click()
    assert download.value.suggested_filename == "model.skops"
    assert download.value.path().read_bytes() == b"\x00"


def test_the_pictures_of_a_run_are_seen(site: Site, full_run: TrainingRun) -> None:
    page = site.open(f"/runs/{full_run.run_id}/", **DESK)
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")


def test_the_run_page_prints_without_its_furniture(site: Site, full_run: TrainingRun) -> None:
    page = site.open(f"/runs/{full_run.run_id}/", **DESK)
    page.emulate_media(media="print")
    expect(page.locator(".site-header")).to_be_hidden()
    expect(page.get_by_role("heading", name=full_run.name)).to_be_visible()
