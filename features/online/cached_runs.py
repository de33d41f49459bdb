"""Reading what the cache holds of runs, for reconcile."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from features import keys
from registry.fields import HEX_ID

from .connection import cache
from .errors import told_plainly

COUNT = 1_000


def cached_run_ids(*, limit: int | None) -> list[str]:
    """The runs that are cached, at most so many.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    with told_plainly():
        names = (key.decode() for key in cache().scan_iter(keys.run_info("*"), count=COUNT))
        run_ids = (name.rpartition(":")[2] for name in names)
        return sorted(set(islice((run_id for run_id in run_ids if HEX_ID.fullmatch(run_id)), limit)))


def cached_infos(run_ids: Sequence[str]) -> dict[str, bytes]:
    """What is cached of these runs (one round trip)."""
    if not run_ids:
        return {}
    with told_plainly():
        values: Any = cache().mget([keys.run_info(run_id) for run_id in run_ids])
    return {run_id: value for run_id, value in zip(run_ids, values, strict=True) if value is not None}
