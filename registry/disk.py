"""How much room a folder's disk has."""

import shutil
from pathlib import Path

from registry.store_health import Problem, nearly_full

FATAL_BYTES = 32 * 1024**2
WARNING_BYTES = 500 * 1024**2


def check_room(title: str, folder: str) -> list[Problem]:
    """A problem where less than 500 MB is left on a folder of this machine (fatal below 32 MB)."""
    try:
        free = shutil.disk_usage(Path(folder)).free
    except OSError:
        return []
    if free >= WARNING_BYTES:
        return []
    return [nearly_full(title, folder, free, is_fatal=free < FATAL_BYTES)]
