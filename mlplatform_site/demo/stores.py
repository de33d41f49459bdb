"""Starting the stack under the running process, whose settings may know other URLs."""

import os
import sys
from collections.abc import Callable

from django.conf import settings

from mlplatform_site.stack import lifecycle

OWNER = "MLPLATFORM_OWNS_STACK"


def start(report: Callable[[str], None]) -> bool:
    """Start the stack; True where this process started it and is to stop it.

    Settings are read once, at start. Where the stack's URLs are not those that this process read
    (a first start, a changed port), the process begins anew in place, still owning the stack.
    """
    result = lifecycle.start(report=report)
    is_owner = result.started or os.environ.get(OWNER) == "1"
    if _settings_are_stale(result.urls):
        os.environ[OWNER] = "1" if is_owner else "0"
        sys.stderr.flush()
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606
    return is_owner


def _settings_are_stale(urls: dict[str, str]) -> bool:
    database = settings.DATABASES["default"]
    known = {
        "DATABASE_URL": f"postgres://{database['USER']}:{database['PASSWORD']}"
        f"@{database['HOST']}:{database['PORT']}/{database['NAME']}",
        "MONGODB_URL": settings.MONGODB_URL,
        "REDIS_CACHE_URL": settings.REDIS_CACHE_URL,
        "REDIS_STORE_URL": settings.REDIS_STORE_URL,
    }
    return any(known[name] != url for name, url in urls.items())
