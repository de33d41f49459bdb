"""What a run was trained in: Python, machine, packages, git."""

import platform
import subprocess
import sys
from functools import cache
from importlib import metadata
from typing import Any

PACKAGES = ("numpy", "pandas", "scikit-learn", "scipy", "torch", "tensorflow", "keras", "xgboost", "lightgbm")


@cache
def describe() -> dict[str, Any]:
    """The environment of this process; git's part is left out where there is no repository."""
    described: dict[str, Any] = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "argv0": sys.argv[0],
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
    }
    if commit := _git("rev-parse", "HEAD"):
        described["git"] = {"commit": commit, "is_dirty": bool(_git("status", "--porcelain"))}
    return described


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _git(*arguments: str) -> str:
    try:
        result = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""
