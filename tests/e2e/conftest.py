"""Chromium on a live server: no JavaScript of ours, real stores."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from analysis.benchmarks.chromium import installed_chromium
from tests.e2e.showcase import Showcase, build_showcase

expect.set_options(timeout=30_000)  # two busy cores


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = installed_chromium()
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
    grace, _ = User.objects.update_or_create(
        username="grace", defaults={"is_staff": True, "is_superuser": True}
    )
    client.force_login(grace)
    opened = Site(live_server.url, client.cookies[settings.SESSION_COOKIE_NAME].value, browser)
    yield opened
    for context in opened.contexts:
        context.close()


@pytest.fixture
def showcase(mongo: None, redis_keys: None, transactional_db: None) -> Showcase:
    """Something on every page, by grace."""
    return build_showcase(User.objects.get_or_create(username="grace")[0])
