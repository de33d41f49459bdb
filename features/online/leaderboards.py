"""Leaderboards: for each dataset and metric the finished runs by their score, in sorted sets.

A place carries the run's version, so that whatever comes late or twice never moves a run back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from features import keys
from features.board_metrics import ACCURACY, board_metric, board_metrics

from .connection import run_for_each, store
from .errors import told_plainly

CHUNK = 5_000
BETWEEN = "\0"  # no name out of PostgreSQL has it

# KEYS: places. ARGV: run id, version, then board and score in turn. A newer place stays. New places come
# before old ones go: a store that is full refuses a script at its first ZADD, or not at all.
PUT = """
local place = redis.call('HGET', KEYS[1], ARGV[1])
local old = ''
if place then
  local bar = string.find(place, '|', 1, true)
  if tonumber(string.sub(place, 1, bar - 1)) > tonumber(ARGV[2]) then return 0 end
  old = string.sub(place, bar + 1)
end
local boards, stands = {}, {}
for at = 3, #ARGV, 2 do
  redis.call('ZADD', ARGV[at], ARGV[at + 1], ARGV[1])
  boards[#boards + 1] = ARGV[at]
  stands[ARGV[at]] = true
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. '|' .. table.concat(boards, '\\0'))
for board in string.gmatch(old, '[^%z]+') do
  if not stands[board] then redis.call('ZREM', board, ARGV[1]) end
end
return 1
"""


@dataclass(frozen=True)
class Standing:
    """Where a run is to stand: its score in each metric; ``dataset`` is None for one that stands nowhere."""

    run_id: str
    version: int
    dataset: str | None = None
    scores: dict[str, float] = field(default_factory=dict)

    @property
    def boards(self) -> dict[str, float]:
        """Its score by the key of the board."""
        if self.dataset is None:
            return {}
        return {keys.board(self.dataset, metric): score for metric, score in self.scores.items()}


@dataclass(frozen=True)
class Place:
    """A run on a board, counted from 1."""

    run_id: str
    rank: int
    score: float


@dataclass(frozen=True)
class BoardHead:
    """The best of a board, and how many stand there."""

    places: list[Place]
    size: int


def put(standings: Iterable[Standing]) -> None:
    """Put runs in their places, or take them off (one round trip).

    Raises:
        RedisError: the store did not answer; any part may have been done.
    """
    rows = [
        (each.run_id, each.version, *(part for pair in each.boards.items() for part in pair))
        for each in standings
    ]
    run_for_each(PUT, keys.board_places(), rows)


def head(dataset: str, metric: str = ACCURACY, *, limit: int = 10) -> BoardHead | None:
    """The best runs on a dataset, the best one first; None where the boards are not whole (one round trip).

    Raises:
        NotFoundError: the metric has no boards.
        StoreUnavailableError: Redis does not answer.
    """
    board, is_higher_better = keys.board(dataset, metric), board_metric(metric).is_higher_better
    with told_plainly(), store().pipeline(transaction=False) as pipe:
        pipe.get(keys.boards_built())
        pipe.zrange(board, 0, limit - 1, desc=is_higher_better, withscores=True)
        pipe.zcard(board)
        built, found, size = pipe.execute()
    if built != _fingerprint():
        return None
    return BoardHead([Place(each.decode(), rank, score) for rank, (each, score) in enumerate(found, 1)], size)


def places(
    dataset: str, run_id: str, metrics: Sequence[str] = (ACCURACY,)
) -> dict[str, tuple[Place | None, int]]:
    """A run's place by each metric, and how many stand there (one round trip).

    Raises:
        NotFoundError: a metric has no boards.
        StoreUnavailableError: Redis does not answer.
    """
    directions = [board_metric(metric).is_higher_better for metric in metrics]
    with told_plainly(), store().pipeline(transaction=False) as pipe:
        for metric, is_higher_better in zip(metrics, directions, strict=True):
            board = keys.board(dataset, metric)
            (pipe.zrevrank if is_higher_better else pipe.zrank)(board, run_id)
            pipe.zscore(board, run_id)
            pipe.zcard(board)
        answers = iter(pipe.execute())
    return {
        metric: (None if rank is None else Place(run_id, rank + 1, score), size)
        for metric, (rank, score, size) in zip(
            metrics, zip(answers, answers, answers, strict=True), strict=True
        )
    }


def sizes(dataset: str) -> dict[str, int]:
    """How many stand on each board of a dataset, by metric, in the setting's order (one round trip).

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    metrics = list(board_metrics())
    with told_plainly(), store().pipeline(transaction=False) as pipe:
        for metric in metrics:
            pipe.zcard(keys.board(dataset, metric))
        return dict(zip(metrics, pipe.execute(), strict=True))


def are_built() -> bool:
    """Whether the boards of today's metrics are whole.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    with told_plainly():
        return bool(store().get(keys.boards_built()) == _fingerprint())


def note_built() -> None:
    """Say that the boards of today's metrics are whole.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    with told_plainly():
        store().set(keys.boards_built(), _fingerprint())


def remove(run_ids: Sequence[str]) -> None:
    """Forget runs that PostgreSQL does not know, with the memory of their versions."""
    if not run_ids:
        return
    found: list[Any] = store().hmget(keys.board_places(), run_ids)
    with store().pipeline(transaction=False) as pipe:
        for run_id, value in zip(run_ids, found, strict=True):
            for board in boards_in(value):
                pipe.zrem(board, run_id)
            pipe.hdel(keys.board_places(), run_id)
        pipe.execute()


def boards_in(place: bytes | None) -> tuple[str, ...]:
    """The boards that the value of a place names."""
    text = place.decode().partition("|")[2] if place else ""
    return tuple(text.split(BETWEEN)) if text else ()


def _fingerprint() -> bytes:
    return ",".join(sorted(board_metrics())).encode()
