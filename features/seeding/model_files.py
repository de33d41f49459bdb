"""Models as files: skops, never pickle."""

from typing import Any
from zipfile import ZIP_DEFLATED

from skops import io as skops_io


def to_bytes(model: Any) -> bytes:
    """The fitted model as one skops file."""
    content: bytes = skops_io.dumps(model, compression=ZIP_DEFLATED, compresslevel=1)
    return content
