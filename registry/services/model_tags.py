"""Tags of registered models, versions and logged models: one check, in MLflow's terms."""

import re
from collections.abc import Mapping

from registry.exceptions import BadInputError

from .names import checked_text

MAX_KEY = 250
MAX_VALUE = 100_000
KEY = re.compile(r"[\w\-./: ]+")


def checked_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags whose keys MLflow can hold and whose values fit.

    Raises:
        BadInputError: one does not.
    """
    return {checked_tag_key(key): _checked_value(key, value) for key, value in tags.items()}


def checked_tag_key(key: str) -> str:
    """A key of letters, digits, dashes, underscores, periods, spaces, colons and slashes.

    Raises:
        BadInputError: it holds something else, or resolves to another one when read as a path.
    """
    parts = key.split("/")
    if len(key) > MAX_KEY:
        raise BadInputError(f"'key' exceeds the maximum length of {MAX_KEY} characters")
    if not KEY.fullmatch(key) or any(part in ("", ".", "..") for part in parts):
        raise BadInputError(
            f"Invalid value {key!r} for parameter 'key' supplied: Names may only contain alphanumerics,"
            " underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/),"
            " and must not resolve to another name when read as a path."
        )
    return checked_text(key, what="The key", limit=MAX_KEY)


def _checked_value(key: str, value: str) -> str:
    if len(value) > MAX_VALUE:
        raise BadInputError(f"'value' exceeds the maximum length of {MAX_VALUE} characters")
    return checked_text(value, what=f"The tag {key[:50]!r}", limit=MAX_VALUE)
