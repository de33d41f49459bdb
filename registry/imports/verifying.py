"""The end of an import: what the source said, compared with what the stores hold, run by run."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise

from registry.documents import heads as stored
from registry.exceptions import StoreUnavailableError
from registry.models import Artifact, ImportedItem, Metric, Param, RunInput, RunTag, TrainingRun
from registry.postgres.copying import copy
from registry.sync.backfill import deliver_bodies
from registry.sync.reconcile import heads as kept

from .book import Book
from .checksums import Told
from .histories import History, rows_of_copy
from .records import Problem, Progress

CHUNK = 200
MOST_POINTS = 1_000_000
CURE = (
    "Nothing, if somebody has logged to it or purged it since it came;"
    " else take the import back with --even-changed, and repeat it."
)
POINTS = """
COPY (SELECT metric_id, step, timestamp_ms, value FROM registry_metricpoint
      WHERE metric_id = ANY(%s) ORDER BY metric_id, step, timestamp_ms, value) TO STDOUT BINARY
"""


@dataclass
class Verified:
    """How many runs were compared.

    Attributes:
        runs: said the same in PostgreSQL as in the source.
        differing: did not; each is among the problems.
        changed: somebody has changed them since they came, so they were left alone.
        documents: MongoDB holds their bodies as PostgreSQL does.
        waiting: their bodies wait for MongoDB; the relay brings them.
    """

    runs: int = 0
    points: int = 0
    differing: int = 0
    changed: int = 0
    documents: int = 0
    waiting: int = 0


def verify(book: Book, verified: Verified) -> Iterator[Progress]:
    """Compare every run that was not yet compared; deliver their bodies first."""
    waiting = ImportedItem.objects.filter(imported_by=book.current, kind="run", is_verified=False)
    done, total = 0, waiting.count()
    while chunk := list(waiting.order_by("pk")[:CHUNK]):
        _documents([item.our_id for item in chunk], verified)
        for items in by_points(chunk):
            _compare(book, items, verified)
        ImportedItem.objects.filter(pk__in=[item.pk for item in chunk]).update(is_verified=True)
        done += len(chunk)
        yield Progress("verify runs", done, total)


def by_points(items: Iterable[ImportedItem]) -> Iterator[list[ImportedItem]]:
    """Some at a time, so that memory holds a million points, or one run's."""
    batch: list[ImportedItem] = []
    for item in items:
        if batch and sum(each.points for each in batch) + item.points > MOST_POINTS:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def _compare(book: Book, items: Sequence[ImportedItem], verified: Verified) -> None:
    told = told_of([item.our_id for item in items])
    for item in items:
        found = told.get(item.our_id)
        if found is not None and found.row.version != item.version:
            verified.changed += 1
        elif found is not None and found.checksum() == item.checksum:
            verified.runs += 1
            verified.points += item.points
        else:
            verified.differing += 1
            cause = (
                f"PostgreSQL has it otherwise, as {item.our_id}." if found else "It is gone from PostgreSQL."
            )
            book.findings.add(Problem(f"run {item.source_id}", cause, CURE, "verify", item.source_id))


def told_of(run_ids: Sequence[str]) -> dict[str, Told]:
    """What PostgreSQL says of these runs (seven statements)."""
    rows = {run.pk: run for run in TrainingRun.objects.filter(run_id__in=run_ids).order_by()}
    told = {pk: Told(run) for pk, run in rows.items()}
    params, tags, files = (
        _pairs(model.objects.filter(run__in=list(rows)).order_by().values_list("run_id", *names))
        for model, names in (
            (Param, ("key", "value")),
            (RunTag, ("key", "value")),
            (Artifact, ("path", "sha256")),
        )
    )
    inputs: dict[int, list[tuple[int, str]]] = defaultdict(list)
    reads = RunInput.objects.filter(run__in=list(rows)).order_by()
    for pk, dataset, context in reads.values_list("run_id", "dataset_id", "context"):
        inputs[pk].append((dataset, context))
    histories = _histories(list(rows))
    for pk, each in told.items():
        each.params, each.tags, each.files, each.inputs = params[pk], tags[pk], files[pk], inputs[pk]
        each.histories = histories[pk]
    return {rows[pk].run_id: each for pk, each in told.items()}


def _pairs(found: Iterable[tuple[int, str, str]]) -> dict[int, list[tuple[str, str]]]:
    pairs: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for pk, key, value in found:
        pairs[pk].append((key, value))
    return pairs


def _histories(pks: Sequence[int]) -> dict[int, list[History]]:
    histories: dict[int, list[History]] = defaultdict(list)
    metrics = {
        metric: (run, key)
        for metric, run, key in Metric.objects.filter(run__in=pks)
        .order_by()
        .values_list("pk", "run_id", "key")
    }
    if not metrics:
        return histories
    file = BytesIO()
    copy(POINTS, file, [list(metrics)])
    points = rows_of_copy(file.getvalue())
    starts = [0, *((points["metric_id"][1:] != points["metric_id"][:-1]).nonzero()[0] + 1), len(points)]
    for start, end in pairwise(starts):
        if start < end:
            run, key = metrics[int(points["metric_id"][start])]
            rows = points[start:end]
            steps, times = rows["step"].astype("i8"), rows["timestamp_ms"].astype("i8")
            histories[run].append(History(key, (steps, times, rows["value"].astype("f8"))))
    return histories


def _documents(run_ids: Sequence[str], verified: Verified) -> None:
    """Deliver these runs' bodies, and count those that are there as PostgreSQL keeps them."""
    deliver_bodies(run_ids)
    try:
        found = {head.document_id: (head.version, head.checksum) for head in stored.heads_of("runs", run_ids)}
    except StoreUnavailableError:
        found = {}
    wanted = {
        run_id: (head.version, head.checksum) for run_id, head in kept.heads_of("runs", run_ids).items()
    }
    same = sum(found.get(run_id) == wanted.get(run_id) for run_id in run_ids)
    verified.documents += same
    verified.waiting += len(run_ids) - same
