"""Data that ship in wheels, read where they lie, without importing packages whose dependencies are absent."""

from importlib.util import find_spec
from pathlib import Path


def wheel_file(package: str, inside: Path) -> Path | None:
    """A file of an installed package; None without the package or the file."""
    found = find_spec(package)
    folders = (found.submodule_search_locations or ()) if found else ()
    return next((path for folder in folders if (path := Path(folder) / inside).is_file()), None)
