"""Reading all leaderboards as they are, for reconcile."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from features import keys

from .connection import store
from .errors import told_plainly
from .leaderboards import CHUNK, boards_in

GLOB = re.compile(r"[*?\[\]\\^-]")
# KEYS: places, board. ARGV: run id. Off the board, unless the run was put there meanwhile; a place of
# version 0 is no run's.
TAKE_OFF = """
local place = redis.call('HGET', KEYS[1], ARGV[1])
if place then
  local bar = string.find(place, '|', 1, true)
  local boards = '\\0' .. string.sub(place, bar + 1) .. '\\0'
  if string.find(boards, '\\0' .. KEYS[2] .. '\\0', 1, true) then
    if string.sub(place, 1, bar - 1) ~= '0' then return 0 end
    redis.call('HDEL', KEYS[1], ARGV[1])
  end
end
return redis.call('ZREM', KEYS[2], ARGV[1])
"""
# KEYS: places. ARGV: run id, version. Forgets a version that is above this one, keeping the board.
LOWER = """
local place = redis.call('HGET', KEYS[1], ARGV[1])
if not place then return 0 end
local bar = string.find(place, '|', 1, true)
if tonumber(string.sub(place, 1, bar - 1)) <= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. string.sub(place, bar))
return 1
"""


@dataclass(frozen=True)
class Stand:
    """Where Redis has a run: the version and boards of its place, and its score on each board."""

    version: int
    boards: tuple[str, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)


def all_stands(*, dataset: str = "", metric: str = "") -> dict[str, Stand]:
    """Every run that has a place or stands on a board; of one dataset or metric those on its boards.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    scores: dict[str, dict[str, float]] = {}
    with told_plainly():
        for board in store().scan_iter(boards_like(dataset, metric), count=CHUNK, _type="zset"):
            for member, score in store().zscan_iter(board, count=CHUNK):
                scores.setdefault(member.decode(), {})[board.decode()] = score
        if dataset or metric:
            return stands_of(scores)
        places = {
            run_id.decode(): value for run_id, value in store().hscan_iter(keys.board_places(), count=CHUNK)
        }
    return {
        run_id: _stand(places.get(run_id), scores.get(run_id, {})) for run_id in places.keys() | scores.keys()
    }


def stands_of(boards: Mapping[str, Collection[str]]) -> dict[str, Stand]:
    """Runs, each on these boards and on those of its place (two round trips)."""
    run_ids = list(boards)
    with told_plainly():
        found: Any = store().hmget(keys.board_places(), run_ids) if run_ids else []
        places = dict(zip(run_ids, found, strict=True))
        wanted = [
            (run_id, board)
            for run_id, place in places.items()
            for board in {*boards[run_id], *boards_in(place)}
        ]
        with store().pipeline(transaction=False) as pipe:
            for run_id, board in wanted:
                pipe.zscore(board, run_id)
            answers = pipe.execute()
    scores: dict[str, dict[str, float]] = {run_id: {} for run_id in run_ids}
    for (run_id, board), score in zip(wanted, answers, strict=True):
        if score is not None:
            scores[run_id][board] = score
    return {run_id: _stand(places[run_id], scores[run_id]) for run_id in run_ids}


def boards_like(dataset: str = "", metric: str = "") -> str:
    """The boards of a dataset, of a metric, or all, as a pattern of Redis's."""
    dataset, metric = (GLOB.sub(r"\\\g<0>", name) or "*" for name in (dataset, metric))
    return keys.board(dataset, metric)


def take_off(board: str, run_id: str) -> None:
    """Take a run off a board, unless its place is there and of a version that counts."""
    with told_plainly():
        store().eval(TAKE_OFF, 2, keys.board_places(), board, run_id)


def lower(run_id: str, version: int) -> None:
    """Bring the version of a run's place down to this one."""
    with told_plainly():
        store().eval(LOWER, 1, keys.board_places(), run_id, str(version))


def _stand(place: bytes | None, scores: dict[str, float]) -> Stand:
    version = place.decode().partition("|")[0] if place else "-1"
    return Stand(int(version), boards_in(place), scores)
