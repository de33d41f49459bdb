"""One way of doing one work on one store."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Operation = Callable[[Any], Any]  # what is asked → the answer
TABLE_VALUES, TABLE_RECORDS, TABLE_WRITTEN = "bench_value", "bench_record", "bench_written"
TABLE_PAGES, TABLE_CACHE = "bench_page", "bench_cache"
TABLE_FEATURES, TABLE_PACKED = "bench_features", "bench_packed"


@dataclass(frozen=True)
class Way:
    """How a store does a work.

    Attributes:
        name: as in the report.
        open: connects, in the process that measures; returns what does the work once.
        durability: what an acknowledged write survives.
        is_counted: whether it is a contender.
        not_offered: why there is nothing to measure; then it is not opened.
        is_synced: whether Redis has each write on disk before it answers, meanwhile.
    """

    work: str
    level: str
    store: str
    name: str
    open: Callable[[], Operation]
    durability: str = ""
    is_counted: bool = True
    not_offered: str = ""
    is_synced: bool = False
