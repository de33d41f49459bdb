"""Leaderboards: for each dataset the finished runs by accuracy, in sorted sets.

A place carries the run's version, so that whatever comes late or twice never moves a run back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from features import keys

from .connection import run_for_each, store
from .errors import told_plainly

ACCURACY = "accuracy"
CHUNK = 5_000

# KEYS: places. ARGV: run id, version, board ('' for none), score. A newer place stays.
PUT = """
local place = redis.call('HGET', KEYS[1], ARGV[1])
if place then
  local bar = string.find(place, '|', 1, true)
  if tonumber(string.sub(place, 1, bar - 1)) > tonumber(ARGV[2]) then return 0 end
  local old = string.sub(place, bar + 1)
  if old ~= '' and old ~= ARGV[3] then redis.call('ZREM', old, ARGV[1]) end
end
if ARGV[3] ~= '' then redis.call('ZADD', ARGV[3], ARGV[4], ARGV[1]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. '|' .. ARGV[3])
return 1
"""


@dataclass(frozen=True)
class Standing:
    """Where a run is to stand; ``dataset`` is None for a run that stands on no board."""

    run_id: str
    version: int
    dataset: str | None = None
    score: float = 0.0

    @property
    def board(self) -> str:
        """The key of its board; empty for none."""
        return "" if self.dataset is None else keys.board(self.dataset, ACCURACY)


@dataclass(frozen=True)
class Place:
    """A run on a board, counted from 1."""

    run_id: str
    rank: int
    score: float


def put(standings: Iterable[Standing]) -> None:
    """Put runs in their places, or take them off (one round trip).

    Raises:
        RedisError: the store did not answer; any part may have been done.
    """
    rows = [(each.run_id, each.version, each.board, each.score) for each in standings]
    run_for_each(PUT, keys.board_places(), rows)


def top(dataset: str, *, limit: int = 10) -> list[Place]:
    """The best runs on a dataset (one round trip)."""
    board = keys.board(dataset, ACCURACY)
    with told_plainly():
        found: Any = store().zrange(board, 0, limit - 1, desc=True, withscores=True)
    return [Place(member.decode(), rank, score) for rank, (member, score) in enumerate(found, 1)]


def place(dataset: str, run_id: str) -> tuple[Place | None, int]:
    """A run's place on a dataset's board, and how many stand there (one round trip)."""
    board = keys.board(dataset, ACCURACY)
    with told_plainly(), store().pipeline(transaction=False) as pipe:
        pipe.zrevrank(board, run_id)
        pipe.zscore(board, run_id)
        pipe.zcard(board)
        rank, score, size = pipe.execute()
    return (None if rank is None else Place(run_id, rank + 1, score)), size


def remove(run_ids: Sequence[str]) -> None:
    """Forget runs that PostgreSQL does not know, with the memory of their versions."""
    if not run_ids:
        return
    found: list[Any] = store().hmget(keys.board_places(), run_ids)
    with store().pipeline(transaction=False) as pipe:
        for run_id, value in zip(run_ids, found, strict=True):
            board = value.decode().partition("|")[2] if value else ""
            if board:
                pipe.zrem(board, run_id)
            pipe.hdel(keys.board_places(), run_id)
        pipe.execute()
