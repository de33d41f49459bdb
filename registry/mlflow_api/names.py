"""What metrics, params and tags may be called, with MLflow's messages."""

import posixpath
import re
from functools import lru_cache

from registry.exceptions import BadInputError

NAME = re.compile(r"[/\w.\- :]*")
MAX_NAME = 250
ALLOWED = (
    "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:)"
    " and slashes (/)."
)
NO_OTHER_NAME = (
    "Names may be treated as files in certain cases, and must not resolve to other names when treated as such"
)


@lru_cache(maxsize=8_192)
def checked_name(name: str, *, parameter: str, what: str) -> str:
    """A name that could be a file's, remembered: a training logs the same few thousands of times.

    Raises:
        BadInputError: it is too long, has other characters, or is another name's path.
    """
    if NAME.fullmatch(name) is None:
        raise BadInputError(f"Invalid value {_shown(name)} for parameter {parameter!r} supplied: {ALLOWED}")
    plain = posixpath.normpath(name)
    if plain != name or name == "." or name.startswith(("..", "/")):
        raise BadInputError(
            f"Invalid value {_shown(name)} for parameter {parameter!r} supplied: {NO_OTHER_NAME}."
            f" This name would resolve to {plain[:MAX_NAME]!r}"
        )
    if len(name) > MAX_NAME:
        raise BadInputError(f"{what!r} exceeds the maximum length of {MAX_NAME} characters")
    return name


def metric_name(name: str) -> str:
    """A metric's."""
    return checked_name(name, parameter="name", what="Metric name")


def param_name(name: str) -> str:
    """A param's."""
    return checked_name(name, parameter="key", what="Param key")


def tag_name(name: str) -> str:
    """A tag's."""
    return checked_name(name, parameter="key", what="key")


def _shown(name: str) -> str:
    return f'"{name[:MAX_NAME]}"'
