"""Charts that one can zoom and read: what JavaScript adds to the pictures."""

import pytest
from playwright.sync_api import Locator, Page, expect

from registry.models import TrainingRun
from registry.services.run_log import log_epoch
from registry.services.runs import end_run, start_run
from tests.e2e.conftest import Site
from tests.e2e.looking import DESK, violations
from tests.factories import ExperimentFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


def run_with_curves(experiment: str, rate: float) -> TrainingRun:
    run = start_run(experiment=experiment, name=f"net-{rate}", config={"lr": rate})
    for epoch in range(20):
        loss = 2 / (1 + rate * epoch)
        log_epoch(run_id=run.run_id, epoch=epoch, metrics={"loss": loss, "accuracy": 1 - loss / 2})
    return run


@pytest.fixture
def compared() -> str:
    experiment = ExperimentFactory.create().name
    runs = [run_with_curves(experiment, rate) for rate in (0.1, 0.5)]
    return "/compare/?" + "&".join(f"run={end_run(run_id=run.run_id).run_id}" for run in runs)


def point_at(page: Page, chart: Locator, share: float) -> tuple[float, float]:
    """Where a share of the way across a chart is on the screen."""
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box
    return box["x"] + box["width"] * share, box["y"] + box["height"] / 2


def drag(page: Page, chart: Locator, first: float, last: float) -> None:
    page.mouse.move(*point_at(page, chart, first))
    page.mouse.down()
    page.mouse.move(*point_at(page, chart, last), steps=4)
    page.mouse.up()


def test_charts_share_a_cursor_a_zoom_and_what_is_lit(site: Site, compared: str) -> None:
    page = site.open(compared, **DESK)
    charts, readouts = page.locator(".u-over"), page.locator("#curves .chart-readout")
    expect(charts).to_have_count(2)
    expect(readouts).to_have_text(["last values", "last values"])
    page.mouse.move(*point_at(page, charts.first, 0.53))
    expect(readouts).to_have_text(["step 10", "step 10"])
    expect(page.locator("#curves .legend-value").first).not_to_be_empty()
    drag(page, charts.first, 0.3, 0.7)
    whole = page.get_by_role("button", name="Whole curve")
    expect(whole).to_have_count(2)
    whole.first.click()
    expect(whole).to_have_count(0)
    page.locator("#curves .legend > li").nth(1).hover()
    expect(page.locator(".compared-run.is-dim")).to_have_count(1)
    page.mouse.move(1, 1)
    assert violations(page) == []
    assert site.complaints == []


def test_charts_follow_the_system_into_the_dark_and_onto_paper(site: Site, compared: str) -> None:
    page = site.open(f"{compared}&smooth=0.9&y=log", color_scheme="light", **DESK)
    canvas, picture = page.locator(".chart-plot canvas").first, page.locator("#curves svg.chart").first
    light = canvas.evaluate("each => each.toDataURL()")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "light => document.querySelector('.chart-plot canvas').toDataURL() !== light", arg=light
    )
    page.emulate_media(media="print")
    expect(page.locator(".chart-plot").first).to_be_hidden()
    assert picture.evaluate("each => each.getBoundingClientRect().width > 300")
    assert site.complaints == []


def test_without_javascript_the_picture_and_its_table_stay(site: Site, compared: str) -> None:
    page = site.open(compared, java_script_enabled=False, **DESK)
    expect(page.get_by_role("img", name="loss", exact=True)).to_be_visible()
    page.locator("#curves summary", has_text="Values").first.click()
    expect(page.get_by_role("region", name="Values of loss", exact=True)).to_be_visible()


def test_a_run_that_goes_on_keeps_its_zoom(site: Site) -> None:
    run = run_with_curves(ExperimentFactory.create().name, 0.5)
    page = site.open(f"/runs/{run.run_id}/", **DESK)
    expect(page.get_by_role("status")).to_have_text("Live")
    drag(page, page.locator(".u-over").first, 0.2, 0.4)
    whole = page.get_by_role("button", name="Whole curve")
    expect(whole).to_have_count(2)
    page.mouse.move(1, 1)
    log_epoch(run_id=run.run_id, epoch=99, metrics={"loss": 0.01, "accuracy": 1})
    expect(page.locator("#metrics")).to_contain_text("99")
    expect(page.locator(".u-over")).to_have_count(2)
    expect(whole).to_have_count(2)
    assert site.complaints == []
