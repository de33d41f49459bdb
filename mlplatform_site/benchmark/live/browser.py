"""From a training process's log call until a browser has drawn it."""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from registry.services.run_log import log_epoch
from registry.services.runs import end_run, start_run

from .measuring import EXPERIMENT

WATCH = """() => {
  window.seen = [];
  const look = () => {
    const cell = document.querySelector("#metrics tbody td:nth-of-type(3)");
    const step = cell ? Number(cell.textContent.trim().replace(",", "")) : -1;
    if (step !== window.seen.at(-1)?.[0]) {
      requestAnimationFrame(() => window.seen.push([step, Date.now() / 1000]));
    }
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
}"""


@dataclass(frozen=True)
class Seen:
    """Epochs logged at a pace; milliseconds from each call until the page showed it or a later one."""

    epochs: int
    pause_seconds: float
    shown: int
    p50_ms: float
    max_ms: float


def epochs_in_a_browser(
    url: str, cookie: str, *, chromium: str, epochs: int, pause: float, pictures: Path | None = None
) -> Seen:
    """Log epochs of two losses and an accuracy while a headless Chromium watches.

    Args:
        chromium: The program.
        pictures: A folder for pictures of three moments.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (a tool of development)

    run_id = start_run(experiment=EXPERIMENT, name="watched", model_name="mlp").run_id
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1180, "height": 860})
        value = cookie.partition("=")[2]
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": url}])
        page.goto(f"{url}/runs/{run_id}/")
        page.wait_for_selector(".live[data-state=live]")
        page.evaluate(WATCH)
        calls = _log(run_id, epochs, pause, page, pictures)
        end_run(run_id=run_id)
        page.wait_for_selector(".live[data-state=over]")
        _picture(page, pictures, "ended")
        seen: list[tuple[int, float]] = page.evaluate("window.seen")
        browser.close()
    delays = [
        (min(at for step, at in seen if step >= epoch) - called) * 1_000 for epoch, called in calls.items()
    ]
    return Seen(epochs, pause, len(seen), round(statistics.median(delays)), round(max(delays)))


def _log(run_id: str, epochs: int, pause: float, page: Any, pictures: Path | None) -> dict[int, float]:
    calls = {}
    for epoch in range(1, epochs + 1):
        calls[epoch] = time.time()
        metrics = {"train_loss": 2 / epoch, "val_loss": 2.3 / epoch**0.8, "accuracy": 1 - 1 / (epoch + 1)}
        log_epoch(run_id=run_id, epoch=epoch, metrics=metrics)
        page.wait_for_timeout(pause * 1_000)  # Playwright's own loop must go on
        if epoch in (4, epochs // 2):
            _picture(page, pictures, f"epoch-{epoch}")
    page.wait_for_timeout(1_000)
    return calls


def _picture(page: Any, pictures: Path | None, name: str) -> None:
    if pictures is not None:
        page.screenshot(path=pictures / f"live-{name}.png")
