"""What Redis knows of runs: their places on the leaderboards, and their records in the cache."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from features import keys

from . import leases
from .connection import store
from .errors import told_plainly
from .leaderboards import boards_in


@dataclass(frozen=True, slots=True)
class RunTrace:
    """What Redis has of a run.

    Attributes:
        board_version: The run's version as the leaderboards know it, 0 where they don't.
        boards: On how many it stands.
        cached_version: The version of the record in the cache, 0 for none; it goes by itself.
    """

    board_version: int = 0
    boards: int = 0
    cached_version: int = 0


def run_traces(run_ids: Sequence[str]) -> dict[str, RunTrace]:
    """What Redis has of each of these runs, at least one (one round trip to either server).

    Raises:
        StoreUnavailableError: Redis (store) does not answer. The cache being away is told as nothing cached.
    """
    with told_plainly():
        places: Any = store().hmget(keys.board_places(), list(run_ids))
    cached = leases.peek([keys.run_info(run_id) for run_id in run_ids])
    return {
        run_id: RunTrace(
            board_version=int(place.partition(b"|")[0]) if place else 0,
            boards=len(boards_in(place)),
            cached_version=_version(cached.get(keys.run_info(run_id))),
        )
        for run_id, place in zip(run_ids, places, strict=True)
    }


def _version(record: bytes | None) -> int:
    return int(json.loads(record)["version"]) if record else 0
