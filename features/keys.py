"""Every Redis key and how long it lives. The one place where keys are spelled (docs/redis-keys.md)."""

from django.conf import settings

# server `cache` (may evict)
RUN_INFO_SECONDS = 3_600
LEASE_SECONDS = 10


def run_info(run_id: str) -> str:
    """An ended run's record as JSON; ``RUN_INFO_SECONDS`` with a tenth of jitter."""
    return f"{_prefix()}:run-info:{run_id}"


def lease(key: str) -> str:
    """The token of whoever may fill ``key``; ``LEASE_SECONDS``."""
    return f"{key}:lease"


# server `store` (evicts nothing); one hash tag, so that a script may touch board and places together
def board(dataset: str, metric: str) -> str:
    """A leaderboard: sorted set, run id by the metric's value; for good."""
    return f"{_prefix()}:{{board}}:{metric}:{dataset}"


def board_places() -> str:
    """Hash: run id → ``version|board`` that it stands on (no board: on none); for good."""
    return f"{_prefix()}:{{board}}:places"


def deployments() -> str:
    """Hash: ``environment|model`` → JSON of the live version; for good."""
    return f"{_prefix()}:deployments"


def _prefix() -> str:
    prefix: str = settings.REDIS_KEY_PREFIX
    return prefix
