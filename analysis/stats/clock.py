"""Moments as an axis names them, in UTC."""

import datetime as dt
from collections.abc import Sequence

MINUTE, DAY, YEAR = 60, 86_400, 365 * 86_400


def clock_labels(moments: Sequence[float]) -> list[str]:
    """``17:30``, ``21 Nov`` or ``Nov 2026``, whatever tells the moments apart.

    Args:
        moments: Seconds since 1970, ascending, evenly spaced.
    """
    apart = moments[1] - moments[0] if len(moments) > 1 else 0.0
    return [_label(moment, apart) for moment in moments]


def _label(moment: float, apart: float) -> str:
    at = dt.datetime.fromtimestamp(moment, tz=dt.UTC)
    day = f"{at.day} {at:%b}"
    if apart >= YEAR / 4:
        return f"{at:%b %Y}"
    if apart >= DAY or (apart >= MINUTE and not moment % DAY):
        return day
    if apart >= MINUTE or not moment % MINUTE:
        return f"{at:%H:%M}"
    return f"{at:%H:%M:%S}" if apart >= 1 or not moment % 1 else f"{at:%H:%M:%S.%f}"[:-4]
