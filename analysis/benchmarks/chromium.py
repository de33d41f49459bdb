"""Where Chromium is."""

import os
import shutil

# The headless shell first: a new window costs it a third of what it costs the whole browser.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def installed_chromium() -> str | None:
    """What ``CHROMIUM`` says, else the path of the first of its usual names; None where there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
