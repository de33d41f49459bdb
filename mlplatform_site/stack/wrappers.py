"""How a server is run: as whom, and so that it dies with its supervisor."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from .errors import StackError

NOBODY = 65_534


@cache
def as_nobody() -> list[str]:
    """The prefix that lets root run PostgreSQL, which refuses to be root.

    A user namespace maps root to nobody: no user is added and no folder opened. Where the kernel
    refuses that, the process really becomes nobody and its data folder is handed over.
    """
    if os.geteuid() != 0:
        return []
    mapped = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
    if shutil.which("unshare"):
        trial = subprocess.run([*mapped, "true"], capture_output=True, check=False)
        if trial.returncode == 0:
            return mapped
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def hand_over(folder: Path) -> None:
    """Give a folder to nobody, where the server will really be nobody."""
    if _becomes_nobody():
        os.chown(folder, NOBODY, NOBODY)


def folder_mode() -> int:
    """The mode of the stack's folder: its owner's only, but nobody may pass where it must."""
    return 0o711 if _becomes_nobody() else 0o700


def open_way(*paths: Path) -> None:
    """Make sure that the server's user can reach its files.

    Raises:
        StackError: a folder above is closed to it.
    """
    if not _becomes_nobody():
        return
    for folder in (folder for path in paths for folder in path.parents):
        if not folder.stat().st_mode & 0o001:
            raise StackError(
                f"PostgreSQL refuses to run as root, and {folder} is closed to the user nobody.",
                "Use an ordinary user, allow user namespaces, or keep project and STACK_DIR in open folders.",
            )


def _becomes_nobody() -> bool:
    return as_nobody()[:1] == ["setpriv"]


def dies_with_parent(signal: str) -> list[str]:
    """The prefix that stops a server when its supervisor is killed (Linux)."""
    return ["setpriv", "--pdeathsig", signal] if shutil.which("setpriv") else []
