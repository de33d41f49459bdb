"""How long a browser takes until a page is read, and until its charts are alive."""

import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections

from analysis.benchmarks.chromium import installed_chromium

from .measuring import Asked

# The first paint, and the moment when the last chart has its canvas, as the page itself tells them.
WATCH = """
window.aliveAt = 0;
new MutationObserver(() => {
  if (document.querySelector('.chart-plot canvas')) window.aliveAt = performance.now();
}).observe(document, { subtree: true, childList: true });
"""
READ = """() => {
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  const files = performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'));
  return {
    paint: paint ? paint.startTime : 0,
    alive: window.aliveAt,
    transferred: files.reduce((sum, each) => sum + each.transferSize, 0),
    decoded: files.reduce((sum, each) => sum + each.decodedBodySize, 0),
    requests: files.length,
  };
}"""


@dataclass(frozen=True)
class BrowserCost:
    """One page in Chromium, without anything in its cache; medians.

    Attributes:
        paint_ms: Until something is seen; since the click, the server's time included.
        alive_ms: Until the last chart can be zoomed; 0 where there is none.
        transferred_kb: As the browser counts it; kB of 1,000 bytes.
    """

    page: str
    paint_ms: float
    alive_ms: float
    transferred_kb: float
    decoded_kb: float
    requests: int


def chromium() -> str | None:
    """Its path, where it is installed and Playwright can drive it."""
    try:
        import playwright.sync_api  # noqa: F401, PLC0415 (not among what the platform runs on)
    except ImportError:
        return None
    return installed_chromium()


def measure_in_browser(
    executable: str, pages: list[Asked], *, session: str, rounds: int
) -> Iterator[BrowserCost]:
    """Each page several times, each time in a fresh window."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (as above)

    with _server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        cookie: Any = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}
        for asked in pages:
            seen = []
            for _ in range(rounds + 1):
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                context.add_cookies([cookie])
                page = context.new_page()
                page.add_init_script(WATCH)
                page.goto(address + asked.path, wait_until="networkidle")
                seen.append(page.evaluate(READ))
                context.close()
            yield _cost(asked.page, seen[1:])
        browser.close()


def _cost(page: str, seen: list[dict[str, float]]) -> BrowserCost:
    middle = {name: statistics.median(each[name] for each in seen) for name in seen[0]}
    return BrowserCost(
        page,
        round(middle["paint"], 1),
        round(middle["alive"], 1),
        round(middle["transferred"] / 1_000, 1),
        round(middle["decoded"] / 1_000, 1),
        int(middle["requests"]),
    )


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: the benchmark tells enough."""


@contextmanager
def _server() -> Iterator[str]:
    """The whole site on a port of its own, in threads of this process, on the same stores."""
    application = get_wsgi_application()

    def answer(environ: Any, start: Any) -> Iterator[bytes]:
        try:
            yield from application(environ, start)
        finally:
            connections.close_all()

    server = make_server("127.0.0.1", 0, answer, server_class=_Server, handler_class=_Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
