"""What a running embedded stack wrote down: its URLs and its generated secrets.

Read by the settings, so it imports nothing but the standard library.
"""

import json
import os
from functools import cache
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]


def stack_dir() -> Path:
    """The stack's folder: ``STACK_DIR``, else ``.stack`` beside ``manage.py``."""
    return Path(os.environ.get("STACK_DIR") or PROJECT_DIR / ".stack").resolve()


@cache
def _read(path: Path) -> dict[str, str]:
    try:
        loaded: dict[str, str] = json.loads(path.read_text())
    except (OSError, json.JSONDecodeError):
        return {}
    return loaded


def recorded_urls() -> dict[str, str]:
    """``DATABASE_URL``, ``MONGODB_URL``, ``REDIS_CACHE_URL``, ``REDIS_STORE_URL``, as far as known."""
    return _read(stack_dir() / "env.json")


def recorded_secret(name: str) -> str | None:
    """A secret made on the first start, such as ``SECRET_KEY``."""
    return _read(stack_dir() / "secrets.json").get(name)


def forget() -> None:
    """Drop what was read, after the stack wrote anew."""
    _read.cache_clear()
