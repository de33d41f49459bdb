"""Which paths an artifact may have."""

import unicodedata
from urllib.parse import unquote

from registry.exceptions import BadInputError

MAX_PATH = 500
MAX_PART_BYTES = 255


def checked_path(path: str) -> str:
    """A relative path with forward slashes that stays inside the run.

    Raises:
        BadInputError: it is absolute, climbs out, or holds what no file name should.
    """
    parts = path.split("/")
    if not path or len(path) > MAX_PATH or path.startswith(("/", "~")) or "\\" in path:
        raise _refused(path)
    if any(part in ("", ".", "..") or len(part.encode(errors="replace")) > MAX_PART_BYTES for part in parts):
        raise _refused(path)
    meant = unquote(unquote(path))
    # Bytes that are no UTF-8, such as %C0%AE, which lax decoders read as a dot
    if ".." in meant.replace("\\", "/").split("/") or ".." in path or "\N{REPLACEMENT CHARACTER}" in meant:
        raise _refused(path)
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in path) or ":" in parts[0]:
        raise _refused(path)
    return path


def _refused(path: str) -> BadInputError:
    return BadInputError(
        f"{path[:100]!r} can't be an artifact's path. Use a relative path with forward slashes,"
        f" without '..' or control characters, of at most {MAX_PATH} characters."
    )
