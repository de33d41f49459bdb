"""Every cache of answers that can be made again: what it is called, how long it keeps, where it may lie."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cache:
    """One cache.

    Attributes:
        name: In keys and statistics.
        seconds: How long Redis keeps an answer at most (up to a tenth less, so that they don't go together).
        is_immutable: The key names a version of what is cached, read no later than the answer itself. Such
            an answer is never stale, so processes keep it in memory too. The others lie in Redis alone, and
            whoever changes their source forgets them after the commit.
        wait_seconds: How long one who misses waits for another process that is filling.
    """

    name: str
    seconds: int
    is_immutable: bool = False
    wait_seconds: float = 0.2


RUN_INFO = Cache("run-info", 3_600)
RUN_CURVES = Cache("run-curves", 3_600, is_immutable=True, wait_seconds=0.1)
PROFILES = Cache("profile", 3_600)
PROFILE_ANSWERS = Cache("profile-answer", 3_600)
WINDOWS = Cache("window", 86_400, is_immutable=True)
PREDICTIONS = Cache("prediction", 3_600, wait_seconds=0.25)

CACHES = (RUN_INFO, RUN_CURVES, PROFILES, PROFILE_ANSWERS, WINDOWS, PREDICTIONS)
