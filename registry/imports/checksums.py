"""One checksum of everything that a run says: of the source's stream, and of PostgreSQL's rows."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from registry.models import TrainingRun

from .histories import History, new_digest

Pair = tuple[str, str]


@dataclass
class Told:
    """What is compared beside the metric points; pairs in any order."""

    row: TrainingRun
    params: Iterable[Pair] = ()
    tags: Iterable[Pair] = ()
    files: Iterable[Pair] = ()
    inputs: Iterable[tuple[int, str]] = ()
    histories: Sequence[History] = field(default_factory=list)

    def checksum(self) -> str:
        """32 hexadecimal characters."""
        digest = new_digest()
        facts = [_facts(self.row)]
        facts += [sorted(pairs) for pairs in (self.params, self.tags, self.files, self.inputs)]
        digest.update(orjson.dumps(facts))
        for history in sorted(self.histories, key=lambda each: each.key):
            history.digest_into(digest)
        return str(digest.hexdigest())


def _facts(row: TrainingRun) -> list[Any]:
    texts = (row.run_id, row.name, row.model_name, row.framework, str(row.status), str(row.lifecycle))
    times = (_micros(row.started_at), _micros(row.ended_at))
    return [*texts, *times, row.experiment_id, row.dataset_id, row.accuracy, row.loss]


def _micros(at: dt.datetime | None) -> int | None:
    return (
        None if at is None else (at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    )
