"""Logging: one line an event, to standard error."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .environment import env

# Of manage.py's commands, those that stay; the web server and the worker are none of them.
STAYING = ("runserver", "relay_outbox", "consume", "cdc")


def is_awaited(argv: Sequence[str]) -> bool:
    """Whether somebody waits for this process: a command that does something and ends."""
    program, command = (*argv, "", "")[:2]
    return Path(program).name == "manage.py" and command not in STAYING


LOG_LEVEL: str = env.str("LOG_LEVEL", default="INFO").upper()
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        name: {"level": LOG_LEVEL}
        for name in ("mlplatform_site", "registry", "features", "analysis", "django.request")
    },
}
if is_awaited(sys.argv) and LOG_LEVEL != "DEBUG":
    # Raw SQL amid what a command says looks like an error, and bulk work is slow by nature.
    LOGGING["loggers"]["mlplatform_site.slow_queries"] = {"level": "ERROR"}
