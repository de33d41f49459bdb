"""The latest runs of an experiment or a dataset, and what can be told from them without asking again."""

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Value
from django.db.models.functions import Coalesce

from registry.enums import RunStatus
from registry.models.run import RunQuerySet

SAMPLE = 1_000
COLUMNS = (
    "pk", "run_id", "name", "status", "started_at", "accuracy", "duration_seconds", "framework",
    "experiment__name", "experiment__experiment_id",
)  # fmt: skip
DATASET = Coalesce("dataset__name", Value(""))


@dataclass(frozen=True, slots=True)
class SampledRun:
    """A run in short; ``score`` is its accuracy once it has finished, ``dataset`` is empty for none."""

    pk: int
    run_id: str
    name: str
    status: str
    started_at: dt.datetime
    accuracy: float | None
    duration_seconds: float | None
    framework: str
    experiment: str
    experiment_id: str
    dataset: str

    @property
    def score(self) -> float | None:
        """What counts for being the best, as on the leaderboards."""
        return self.accuracy if self.status == RunStatus.FINISHED else None


@dataclass(frozen=True, slots=True)
class GroupLine:
    """The runs that have one thing in common; accuracies are 0 to 1, durations in seconds."""

    name: str
    latest: SampledRun
    runs: int
    failed: int
    best: SampledRun | None
    mean_accuracy: float | None
    median_seconds: float | None


def latest_runs(runs: RunQuerySet) -> list[SampledRun]:
    """The latest 1,000 of these runs that are active, newest first (one statement)."""
    rows = runs.active().order_by("-started_at", "-pk").values_list(*COLUMNS, DATASET)
    return [SampledRun(*row) for row in rows[:SAMPLE]]


def progress(runs: Sequence[SampledRun]) -> list[tuple[SampledRun, float]]:
    """Runs with a score, oldest first, each with the best score up to it."""
    best, steps = 0.0, []
    for run in reversed(runs):
        if run.score is not None:
            best = max(best, run.score)
            steps.append((run, best))
    return steps


def trend(runs: Sequence[SampledRun]) -> float | None:
    """By how much the score changes from run to run, in order of start; None for fewer than two scores."""
    scores = [run.score for run in reversed(runs) if run.score is not None]
    if len(scores) <= 1:
        return None
    return statistics.linear_regression(range(len(scores)), scores).slope


def grouped(runs: Iterable[SampledRun], by: Callable[[SampledRun], str]) -> list[GroupLine]:
    """A line for each name that ``by`` gives, but the empty one; the most accurate first."""
    groups: dict[str, list[SampledRun]] = {}
    for run in runs:
        if name := by(run):
            groups.setdefault(name, []).append(run)
    lines = [_line(name, members) for name, members in groups.items()]
    return sorted(lines, key=lambda line: (-score_of(line.best), -line.runs, line.name))


def _line(name: str, runs: list[SampledRun]) -> GroupLine:
    scores = [run.score for run in runs if run.score is not None]
    seconds = [run.duration_seconds for run in runs if run.duration_seconds is not None]
    return GroupLine(
        name=name,
        latest=runs[0],
        runs=len(runs),
        failed=Counter(run.status for run in runs)[RunStatus.FAILED],
        best=max(runs, key=score_of) if scores else None,
        mean_accuracy=statistics.fmean(scores) if scores else None,
        median_seconds=statistics.median(seconds) if seconds else None,
    )


def score_of(run: SampledRun | None) -> float:
    """What runs are ordered by: the accuracy, below 0 for none."""
    return -1.0 if run is None or run.score is None else run.score
