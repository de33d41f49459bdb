"""Chromium on a live server: no JavaScript of ours, real stores."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from registry.models import TrainingRun
from registry.services.artifacts import log_artifact
from registry.services.run_log import add_note, log_epoch
from registry.services.runs import end_run, start_run
from tests.factories import DatasetFactory, ExperimentFactory, RunFactory, UserFactory

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
MATRIX = b'{"labels": ["cat", "dog"], "counts": [[30, 2], [11, 22]]}'
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("Chromium is missing. Install it (apt-get install chromium), or set CHROMIUM=/its/path.")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop runs in this thread until the session ends; Django refuses the ORM there.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


@dataclass
class Site:
    """The live site as a logged-in person sees it."""

    url: str
    session: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, **look: Any) -> Page:
        """A page in a fresh window; whatever the console says is kept in ``complaints``."""
        context = self.browser.new_context(**look)
        self.contexts.append(context)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": self.session, "url": self.url}])
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.url + path, wait_until="load")
        return page


@pytest.fixture
def site(browser: Browser, live_server: LiveServer, client: Client) -> Iterator[Site]:
    client.force_login(UserFactory.create(username="grace", is_staff=True, is_superuser=True))
    opened = Site(live_server.url, client.cookies[settings.SESSION_COOKIE_NAME].value, browser)
    yield opened
    for context in opened.contexts:
        context.close()


@pytest.fixture
def full_run(mongo: None, transactional_db: None) -> TrainingRun:
    """A run with curves, a gap, nested params, notes and every kind of artifact; and ten others."""
    ExperimentFactory(name="pets")
    DatasetFactory(name="photos-of-cats-and-dogs")
    run = start_run(
        experiment="pets",
        name="a-run-with-a-name-that-is-rather-long-for-a-telephone",
        model_name="mlp",
        framework="scikit-learn",
        dataset="photos-of-cats-and-dogs",
        config={"optimizer": {"lr": 0.1}, "layers": [{"units": 64}, {"units": 10}]},
        tags={"team": "vision"},
    )
    for epoch in range(12):
        loss = float("nan") if epoch == 5 else 2 / (epoch + 1)
        scores = {"train_loss": loss, "val_loss": 2.5 / (epoch + 1), "accuracy": epoch / 12}
        log_epoch(run_id=run.run_id, epoch=epoch, metrics=scores)
    add_note(run_id=run.run_id, text="Converges.")
    for path, content in (
        ("plots/curve.png", PIXEL),
        ("evaluation/confusion_matrix.json", MATRIX),
        ("scores.json", b'{"f1": 0.9}'),
        ("model/model.skops", b"\x00"),
    ):
        log_artifact(run_id=run.run_id, path=path, content=content)
    RunFactory.create_batch(10, experiment=run.experiment, dataset=run.dataset)
    return end_run(run_id=run.run_id, status="FAILED", failure_reason="MemoryError: too many cats")
