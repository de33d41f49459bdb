"""The generated passwords and keys of a stack."""

import contextlib

from .errors import StackError
from .files import ensure_secrets, read_json
from .layout import Layout

NAMES = ("POSTGRES_PASSWORD", "MONGODB_PASSWORD", "REDIS_PASSWORD", "SECRET_KEY")
# Redis reads its password at each start; these two keep theirs in the data.
KEPT_IN_DATA = {"postgres": "POSTGRES_PASSWORD", "mongodb": "MONGODB_PASSWORD"}


def ensure(where: Layout) -> dict[str, str]:
    """The secrets by name; made on the first start.

    Raises:
        StackError: a password is gone, but the data that it opens is there.
    """
    found = read_json(where.secrets)
    lost = [
        name for name, secret in KEPT_IN_DATA.items() if secret not in found and _has_content(where, name)
    ]
    if lost:
        raise StackError(
            f"{where.secrets} is missing or broken, but the data of {' and '.join(lost)} is there.",
            "Put the file back, or start over without the data: manage.py stack reset",
        )
    return ensure_secrets(where.secrets, NAMES)


def _has_content(where: Layout, name: str) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return any(where.data(name).iterdir())
    return False
