"""Redis as a target of the outbox: what is served of a run follows its row."""

from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError

from features import keys
from features.queries.live_deployments import live_deployments
from features.queries.standings import standings_of
from registry.breakers import REDIS_CACHE, REDIS_STORE
from registry.crash_points import crash_point
from registry.exceptions import StoreUnavailableError
from registry.sync.deployment_effects import DEPLOYMENT_CHANGED
from registry.sync.outbox import RUN_CHANGED
from registry.sync.targets import Entry, Refusal, TargetUnavailableError

from . import deployments, doorbells, leaderboards, leases
from .connection import client

Deliver = Callable[[Sequence[Entry]], list[Refusal]]


class RedisTarget:
    """Keeps leaderboards, live deployments, the cache of runs and features as PostgreSQL has them.

    Args:
        by_topic: who delivers topics that this module does not know.
    """

    title = "Redis"

    def __init__(self, by_topic: Mapping[str, Deliver]) -> None:
        self._by_topic = by_topic

    def ping(self) -> None:
        """Ask both servers, past their breakers: the relay waits by itself, and an answer closes them."""
        for url, breaker in (
            (settings.REDIS_STORE_URL, REDIS_STORE),
            (settings.REDIS_CACHE_URL, REDIS_CACHE),
        ):
            try:
                with client(url) as server:
                    server.ping()
            except RedisError as error:
                raise TargetUnavailableError(f"{breaker.store}: {error}") from error
            breaker.succeeded()

    def apply(self, entries: Sequence[Entry], *, seconds: float) -> list[Refusal]:  # noqa: ARG002 (the client's own timeout is shorter)
        """Read runs and deployments as they stand now, and make Redis say the same."""
        versions = {each.aggregate_id: each.version for each in entries if each.topic == RUN_CHANGED}
        moved = [each.aggregate_id for each in entries if each.topic == DEPLOYMENT_CHANGED]
        refused: list[Refusal] = []
        try:
            # The cache first: it still takes deletes when the store is out of memory.
            leases.forget([keys.run_info(run_id) for run_id in versions])
            leaderboards.put(standings_of(versions))
            deployments.put(live_deployments(moved))
            for topic, deliver in self._by_topic.items():
                if owed := [each for each in entries if each.topic == topic]:
                    refused += deliver(owed)
            if versions:
                doorbells.ring(doorbells.BOARDS)
        except OutOfMemoryError as error:
            raise TargetUnavailableError(f"Redis (store) is out of memory: {error}") from error
        except ResponseError as error:
            if "OOM" not in str(error) and "MISCONF" not in str(error) and "LOADING" not in str(error):
                raise
            raise TargetUnavailableError(str(error)) from error
        except (RedisError, StoreUnavailableError) as error:
            raise TargetUnavailableError(str(error)) from error
        crash_point("deliver.after_redis")
        return refused
