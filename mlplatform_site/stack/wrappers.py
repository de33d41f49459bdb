"""How a server is run: as whom, and so that it dies with its supervisor."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

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
    if as_nobody()[:1] == ["setpriv"]:
        os.chown(folder, NOBODY, NOBODY)


def dies_with_parent(signal: str) -> list[str]:
    """The prefix that stops a server when its supervisor is killed (Linux)."""
    return ["setpriv", "--pdeathsig", signal] if shutil.which("setpriv") else []
