"""Small files that are either whole or not there."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

PRIVATE = 0o600


def write_private(path: Path, text: str, *, mode: int = PRIVATE) -> None:
    """Write a file for its owner only, by rename."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object, empty where the file is missing or broken."""
    try:
        loaded: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return {}
    return loaded


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a JSON object for its owner only."""
    write_private(path, json.dumps(value, indent=1))


def ensure_secrets(path: Path, names: tuple[str, ...]) -> dict[str, str]:
    """The secrets by name; those that are missing are made and kept."""
    found = read_json(path)
    missing = [name for name in names if name not in found]
    if missing:
        found |= {name: secrets.token_urlsafe(32) for name in missing}
        write_json(path, found)
    return found
