"""Signs of life of those who train: who is at work on which run, and when it was last heard of.

On the Redis that may forget: a run's last metric in PostgreSQL tells the same, if less
(features.queries.workers).
"""

import json
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from redis.client import Pipeline

from features import keys

from .connection import cache
from .doorbells import WORKERS
from .errors import told_plainly

EVERY_SECONDS = 5.0
MOST_REMEMBERED = 5_000
MOST_READ = 200

# KEYS: who, seen. ARGV: run id, ms, JSON, ms of the oldest to keep, channel. Where this process does not say
# its host, what is known of it stays.
BEAT = """
local beat = cjson.decode(ARGV[3])
if beat.host == '' then
  local old = redis.call('HGET', KEYS[1], ARGV[1])
  if old then
    local known = cjson.decode(old)
    beat.host, beat.pid = known.host, known.pid
  end
end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(beat))
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
local old = redis.call('ZRANGE', KEYS[2], '-inf', '(' .. ARGV[4], 'BYSCORE', 'LIMIT', 0, 100)
if #old > 0 then
  redis.call('HDEL', KEYS[1], unpack(old))
  redis.call('ZREM', KEYS[2], unpack(old))
end
redis.call('PUBLISH', ARGV[5], '')
"""

# KEYS: who, seen. ARGV: how many of those heard of last, ids of further runs.
BEATS = """
local ids = redis.call('ZRANGE', KEYS[2], '+inf', '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, ARGV[1])
for place = 2, #ARGV do
  ids[#ids + 1] = ARGV[place]
end
if #ids == 0 then
  return {}
end
return redis.call('HMGET', KEYS[1], unpack(ids))
"""

_beaten: dict[str, float] = {}


@dataclass(frozen=True)
class Beat:
    """A sign of life.

    Attributes:
        at_ms: when, in milliseconds since 1970; 0 is now.
        source: ``tracker``, ``api`` or ``mlflow``.
        host: of the training process; empty where it did not say. ``pid`` is 0 then.
    """

    run_id: str
    username: str = ""
    source: str = ""
    host: str = ""
    pid: int = 0
    at_ms: int = 0


def is_due(run_id: str) -> bool:
    """Whether this process did not beat for the run within ``EVERY_SECONDS``; it is taken to do so now."""
    now = time.monotonic()
    if now - _beaten.get(run_id, 0.0) < EVERY_SECONDS:
        return False
    if len(_beaten) >= MOST_REMEMBERED:
        _beaten.clear()
    _beaten[run_id] = now
    return True


def forget_beaten() -> None:
    """Every run is due: for tests."""
    _beaten.clear()


def add(pipe: Pipeline, beat: Beat) -> None:
    """Put a sign of life into a round trip."""
    at_ms = beat.at_ms or int(time.time() * 1_000)
    told = json.dumps(asdict(replace(beat, at_ms=at_ms)))
    pipe.eval(
        BEAT, 2, keys.workers(), keys.workers_seen(),
        beat.run_id, at_ms, told, at_ms - keys.WORKER_SECONDS * 1_000, keys.bell(WORKERS),
    )  # fmt: skip


def put(beat: Beat) -> None:
    """Give a sign of life (one round trip).

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    with _pipeline() as pipe:
        add(pipe, beat)
        pipe.execute()


def beats(asked: Collection[str] = ()) -> dict[str, Beat]:
    """The last signs of life of the runs heard of last, ``MOST_READ`` of them (one round trip).

    Args:
        asked: ids of runs, a few hundred at most, that are told of, too.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    with told_plainly():
        found: Any = cache().eval(BEATS, 2, keys.workers(), keys.workers_seen(), MOST_READ, *asked)
    known = [Beat(**json.loads(told)) for told in found if told]
    return {beat.run_id: beat for beat in known}


@contextmanager
def _pipeline() -> Iterator[Pipeline]:
    with told_plainly(), cache().pipeline(transaction=False) as pipe:
        yield pipe
