"""Bodies made of rows: for runs that were written by plain SQL, by an import or by an older release.

The one place where a run's row, params, tags, metrics and inputs become parts of its document.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from registry.documents.flat_leaves import Path, leaves_of
from registry.documents.plain import encode
from registry.enums import Lifecycle
from registry.exceptions import BadInputError
from registry.models import Metric, Param, RunInput, RunTag, TrainingRun

from .outbox import Part
from .run_body import input_fields, param_leaves, standing, start_fields

MAX_CHUNK_BYTES = 32 * 1024 * 1024
NOT_CONTENT = ("_id", "v", "ck", "b")
Leaves = Mapping[Path, Any]

# Without reading the values: PostgreSQL knows how long a value is that it keeps out of line.
WEIGHTS = """
SELECT run_id, sum(octet_length(value)) FROM (
    SELECT run_id, value FROM registry_param WHERE run_id = ANY(%(pks)s)
    UNION ALL SELECT run_id, value FROM registry_runtag WHERE run_id = ANY(%(pks)s)
) AS texts GROUP BY 1
"""


@dataclass(frozen=True)
class Given:
    """What rows don't tell of runs, each by the run's public id.

    Attributes:
        params: leaves with their types, paths and values encoded as ``leaves_of`` gives them; instead of
            those that the param rows read as.
        environment, custom: of any shape, as they came.
        documents: older documents, which are copied as they are.
    """

    params: Mapping[str, Leaves] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    custom: Mapping[str, Any] = field(default_factory=dict)
    documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass
class Rows:
    """What else PostgreSQL has of some runs, each by the run's primary key."""

    params: dict[int, dict[str, str]]
    tags: dict[int, list[dict[str, str]]]
    metrics: dict[int, dict[str, float]]
    inputs: dict[int, list[dict[str, str]]]


def in_chunks(runs: Sequence[TrainingRun]) -> Iterator[list[TrainingRun]]:
    """Runs in lists whose params and tags weigh at most 32 MB, or one run (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(WEIGHTS, {"pks": [run.pk for run in runs]})
        weights = dict(cursor.fetchall())
    chunk: list[TrainingRun] = []
    total = 0
    for run in runs:
        if chunk and total + weights.get(run.pk, 0) > MAX_CHUNK_BYTES:
            yield chunk
            chunk, total = [], 0
        chunk.append(run)
        total += weights.get(run.pk, 0)
    if chunk:
        yield chunk


def parts_of(run: TrainingRun, rows: Rows, given: Given) -> tuple[list[Part], Leaves | None]:
    """The parts of a run's body, and its params' leaves: None where an older document is copied.

    Raises:
        BadInputError: something of it can't be stored.
    """
    older = given.documents.get(run.run_id)
    if older is not None:
        return _copied(run, older, rows), None
    leaves = _leaves(run, given, rows)
    return list(_made(run, leaves, given, rows)), leaves


def rows_of(runs: Sequence[TrainingRun]) -> Rows:
    """What else PostgreSQL has of some runs (four statements)."""
    pks = [run.pk for run in runs]
    rows = Rows(defaultdict(dict), defaultdict(list), defaultdict(dict), defaultdict(list))
    for pk, key, value in _values(Param, pks, "key", "value"):
        rows.params[pk][key] = value
    for pk, key, value in _values(RunTag, pks, "key", "value"):
        rows.tags[pk].append({"k": key, "v": value})
    for pk, key, number in _values(Metric, pks, "key", "latest_value"):
        rows.metrics[pk][key] = number
    for pk, _, name, digest, context in _values(
        RunInput, pks, "pk", "dataset__name", "dataset__digest", "context"
    ):
        rows.inputs[pk].append({"dataset": name, "digest": digest, "context": context})
    return rows


def _values(model: Any, pks: Sequence[int], *names: str) -> Iterable[Any]:
    found: Iterable[Any] = (
        model.objects.filter(run__in=pks).order_by("run", names[0]).values_list("run_id", *names)
    )
    return found


def _leaves(run: TrainingRun, given: Given, rows: Rows) -> Leaves:
    leaves = given.params.get(run.run_id)
    if leaves is None:
        return leaves_of(rows.params[run.pk])
    if any(path[:depth] in leaves for path in leaves for depth in range(1, len(path))):
        raise BadInputError(f"A param of run {run.run_id} is a value and a group of params at once.")
    return leaves


def _made(run: TrainingRun, leaves: Leaves, given: Given, rows: Rows) -> Iterator[Part]:
    environment = encode(given.environment.get(run.run_id, {}), where="environment")
    fields = start_fields(run) | {"tags": rows.tags[run.pk], "environment": environment}
    if inputs := rows.inputs[run.pk]:
        fields |= input_fields(run, inputs)
    if run.lifecycle == Lifecycle.DELETED:
        fields["deleted"] = True
    yield Part("start", fields, param_leaves(leaves))
    if run.is_ended:
        yield Part("status", standing(run, rows.metrics[run.pk]))
    if run.run_id in given.custom:
        yield Part("custom", {"custom": encode(given.custom[run.run_id], where="custom")})


def content_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """A stored document without what says where it stands."""
    return {key: value for key, value in document.items() if key not in NOT_CONTENT}


def _copied(run: TrainingRun, older: Mapping[str, Any], rows: Rows) -> list[Part]:
    """The document as it is, with how the run stands where the row says otherwise."""
    parts = [Part("start", content_of(older))]
    if older.get("status") != run.status:
        parts.append(Part("status", standing(run, rows.metrics[run.pk])))
    return parts
