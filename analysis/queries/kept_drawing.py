"""Drawings of ended runs, kept in the cache under the versions of what they show."""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson

from features.caches import RUN_CURVES
from features.online.read_through import read_through

STYLE = 3
"""Part of each key. Raise it where charts or their templates change, so that none drawn before is shown."""

Drawing = TypeVar("Drawing")


def kept_drawing(key: str, draw: Callable[[], Drawing], *, read: Callable[[Any], Drawing]) -> Drawing:
    """What ``draw`` makes, from the cache where it was drawn before (one round trip or none).

    Args:
        key: Of ``features.keys``; stands for all that is shown, and for ``STYLE``.
        draw: What is not there.
        read: The drawing from what JSON keeps of it. Nobody else writes there (docs/caching.md), so that
            the HTML in it is our own.
    """
    drawn: list[Drawing] = []

    def source() -> bytes:
        drawn.append(draw())
        return orjson.dumps(drawn[0])

    found = read_through(RUN_CURVES, key, source)
    return drawn[0] if drawn else read(orjson.loads(found.value or b""))
