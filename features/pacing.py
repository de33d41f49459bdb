"""Playing the past again at a chosen speed."""

import datetime as dt
import math
import time


class Pace:
    """Says when something that happened then is due now.

    Args:
        speed: how many times as fast as it happened; infinity for at once.
        begins_at: the moment of the past that is now.
    """

    def __init__(self, *, speed: float, begins_at: dt.datetime) -> None:
        self._speed = speed
        self._begins_at = begins_at
        self._began = time.monotonic()

    def seconds_until(self, moment: dt.datetime) -> float:
        """How long it is until this moment of the past comes again; 0 where it has."""
        if math.isinf(self._speed):
            return 0.0
        due = (moment - self._begins_at).total_seconds() / self._speed
        return max(0.0, due - (time.monotonic() - self._began))
