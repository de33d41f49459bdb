"""YAML from outside: fields of plain values, looked through before anything is made of it.

A file that names parts of itself (with which a few lines make gigabytes), that is nested without end, too
large, or asks for objects of Python is refused.
"""

from typing import Any

import yaml

from registry.exceptions import BadInputError

MAX_BYTES = 512 * 1024
MAX_DEPTH = 50
BEGINNINGS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_fields(data: bytes, *, name: str, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """The fields of a file.

    Args:
        name: what the file is called in errors.

    Raises:
        BadInputError: it holds none, or is one that nobody should read.
    """
    if len(data) > max_bytes:
        raise BadInputError(f"{name} has {len(data):,} bytes; up to {max_bytes:,} are read.")
    try:
        _look_through(data, name)
        found = yaml.load(data, Loader=LOADER)  # noqa: S506 (a safe loader, both in C and in Python)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadInputError(f"{name} is no YAML.") from error
    if not isinstance(found, dict):
        raise BadInputError(f"{name} holds no fields.")
    return found


def _look_through(data: bytes, name: str) -> None:
    depth = 0
    for event in yaml.parse(data, Loader=LOADER):
        depth += isinstance(event, BEGINNINGS) - isinstance(event, ENDS)
        if isinstance(event, yaml.AliasEvent) or depth > MAX_DEPTH:
            raise BadInputError(f"{name} refers to itself, or is nested too deeply.")
