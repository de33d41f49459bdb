import pytest
from playwright.sync_api import expect

from registry.services.run_log import log_epoch
from registry.services.runs import end_run, start_run
from tests.e2e.conftest import Site
from tests.e2e.looking import DESK, violations
from tests.factories import ExperimentFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


@pytest.fixture
def run_id() -> str:
    run = start_run(experiment=ExperimentFactory.create().name, name="watched", config={"lr": 0.1})
    for epoch in range(2):
        log_epoch(run_id=run.run_id, epoch=epoch, metrics={"loss": 1 / (epoch + 1)})
    return str(run.run_id)


def test_a_run_moves_on_its_page_until_it_ends(site: Site, run_id: str) -> None:
    page = site.open(f"/runs/{run_id}/", **DESK)
    state, step = page.get_by_role("status"), page.locator("#metrics tbody td:nth-of-type(3)")
    expect(state).to_have_text("Live")
    page.get_by_role("region", name="Metrics").focus()
    log_epoch(run_id=run_id, epoch=41, metrics={"loss": 0.1})
    expect(step).to_have_text("41")
    expect(page.get_by_role("region", name="Metrics")).to_be_focused()
    assert violations(page) == []
    end_run(run_id=run_id)
    expect(state).to_have_text("Ended: finished")
    expect(page.locator("[data-live=lead] .chip")).to_have_text("Finished")
    expect(page.locator("#body")).to_contain_text("FINISHED")
    assert site.complaints == []


@pytest.mark.fault
def test_a_page_that_lost_its_server_says_so_and_catches_up(site: Site, run_id: str) -> None:
    page = site.open(f"/runs/{run_id}/", **DESK)
    state = page.get_by_role("status")
    expect(state).to_have_text("Live")
    page.context.set_offline(True)
    expect(state).to_have_text("Reconnecting…")
    log_epoch(run_id=run_id, epoch=7, metrics={"loss": 0.1})
    page.context.set_offline(False)
    expect(page.locator("#metrics tbody td:nth-of-type(3)")).to_have_text("7")
    expect(state).to_have_text("Live")


def test_without_javascript_a_link_refreshes_the_page(site: Site, run_id: str) -> None:
    page = site.open(f"/runs/{run_id}/", java_script_enabled=False, **DESK)
    log_epoch(run_id=run_id, epoch=9, metrics={"loss": 0.1})
    page.get_by_role("link", name="Refresh").click()
    expect(page.locator("#metrics tbody td:nth-of-type(3)")).to_have_text("9")
