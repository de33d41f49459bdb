"""The pictures of README and docs, taken of a running demo: ``make pictures``.

The demo must be up (``make demo``) with its seed; its address is the one argument.
"""

import io
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from analysis.benchmarks.chromium import installed_chromium
from tests.e2e.looking import DARK, DESK, LIGHT, PHONE

PROJECT = Path(__file__).resolve().parents[2]
IMAGES = PROJECT / "docs" / "images"
RUN_LINK = re.compile(r"/runs/([0-9a-f]{32})/$")
COLOURS = 256
TALL: dict[str, Any] = {"viewport": {"width": 1280, "height": 1500}}
BEST_DIGITS = "/runs/?dataset=digits&framework=scikit-learn&sort=-accuracy"


@dataclass(frozen=True)
class Picture:
    """A file's name without its ending, the page, the screen; ``{run}`` and ``{runs}`` are the best of digits."""

    name: str
    path: str
    look: dict[str, Any]


PICTURES = [
    Picture("overview", "/", {**DESK, **LIGHT}),
    Picture("runs", BEST_DIGITS, {**DESK, **LIGHT}),
    Picture("runs-dark", BEST_DIGITS, {**DESK, **DARK}),
    Picture("runs-phone", BEST_DIGITS, {**PHONE, **LIGHT}),
    Picture("run", "/runs/{run}/", {**TALL, **LIGHT}),
    Picture("compare", "/compare/?{runs}", {**TALL, **LIGHT}),
    Picture("compare-dark", "/compare/?{runs}&diff=only&y=log", {**DESK, **DARK}),
    Picture("compare-phone", "/compare/?{runs}", {**PHONE, **LIGHT}),
    Picture("experiments", "/experiments/", {**DESK, **LIGHT}),
    Picture("dataset", "/datasets/digits/", {**DESK, **LIGHT}),
    Picture("model", "/models/customer-churn/", {**DESK, **LIGHT}),
    Picture("search", "/search/?q=digits", {**DESK, **LIGHT}),
    Picture("stores", "/stores/", {**DESK, **LIGHT}),
    Picture("chooser", "/stores/choose/", {**DESK, **LIGHT}),
    Picture("moves", "/stores/moves/", {**TALL, **LIGHT}),
    Picture("activity", "/activity/", {**TALL, **LIGHT}),
    Picture("activity-dark", "/activity/", {**DESK, **DARK}),
    Picture("customers", "/customers/", {**TALL, **LIGHT}),
    Picture("customers-phone", "/customers/", {**PHONE, **LIGHT}),
    Picture("predictions", "/customers/#evaluation", {**DESK, **LIGHT}),
]


def main(base: str, only: list[str]) -> None:
    """Take the pictures, all or those named, and say where they are."""
    path = installed_chromium()
    if path is None:
        sys.exit("Chromium is missing. Install it (apt-get install chromium), or set CHROMIUM=/its/path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        places = _places(_logged_in(browser.new_page(), base), base)
        for each in PICTURES:
            if only and each.name not in only:
                continue
            page = _logged_in(browser.new_context(**each.look).new_page(), base)
            page.goto(base + each.path.format(**places), wait_until="networkidle")
            _keep(page.screenshot(), IMAGES / f"{each.name}.png")
            sys.stdout.write(f"docs/images/{each.name}.png\n")
        browser.close()


def _keep(picture: bytes, path: Path) -> None:
    """Few colours do for a page, at a third of the bytes."""
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS).save(path, optimize=True)


def _logged_in(page: Page, base: str) -> Page:
    secrets = json.loads((PROJECT / ".stack" / "secrets.json").read_text())
    page.goto(f"{base}/login/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", secrets["ADMIN_PASSWORD"])
    page.click("main button[type=submit]")
    return page


def _places(page: Page, base: str) -> dict[str, str]:
    page.goto(base + BEST_DIGITS)
    links = page.locator("main a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    found = [match[1] for link in links if (match := RUN_LINK.search(link or ""))]
    best = list(dict.fromkeys(found))[:5]
    if not best:
        sys.exit("The demo has no runs on digits: is its seed complete?")
    return {"run": best[0], "runs": "&".join(f"run={run}" for run in best)}


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2:])
