"""Everything that the page of one dataset shows."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from analysis.queries.body_tree import BodyTree, body_tree
from analysis.queries.datasets.lineage import Lineage, lineage
from analysis.queries.run_sample import (
    SAMPLE,
    GroupLine,
    SampledRun,
    grouped,
    latest_runs,
    progress,
    trend,
)
from features.queries.boards import Board, board
from registry.exceptions import NotFoundError
from registry.models import Dataset, RunInput, TrainingRun
from registry.queries.permissions import visible_to

ON_BOARD = 5
MOST_READERS = 20
LONGEST_PROFILE = 20_000


@dataclass(frozen=True, slots=True)
class StoredText:
    """What a logger said of its data: as a tree where it is JSON, else as it came, cut where it is long."""

    tree: BodyTree | None = None
    text: str = ""
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class DatasetDetail:
    """One dataset, whole; of runs, what the viewer may read.

    Attributes:
        runs: The latest 1,000 trained on it.
        readers: Up to 20 others that read it as an input, with the context.
        trend: By how much the accuracy changes from run to run.
    """

    dataset: Dataset
    schema: StoredText
    profile: StoredText
    runs: list[SampledRun]
    progress: list[tuple[SampledRun, float]]
    trend: float | None
    experiments: list[GroupLine]
    board: Board
    readers: list[RunInput]
    lineage: Lineage

    @property
    def is_sampled(self) -> bool:
        """Whether there are more runs than were looked at."""
        return len(self.runs) == SAMPLE

    @property
    def best(self) -> SampledRun | None:
        """The most accurate of the latest finished runs."""
        return max((run for run, _ in self.progress), key=lambda run: run.score or 0, default=None)


def dataset_detail(name: str, *, viewer: User) -> DatasetDetail:
    """A dataset with all its parts (seven or eight statements, one round trip to Redis).

    Raises:
        NotFoundError: There is no such dataset.
    """
    dataset = Dataset.objects.select_related("created_by").filter(name=name).first()
    if dataset is None:
        raise NotFoundError(f"There is no dataset named {name!r}.")
    visible = TrainingRun.objects.filter(visible_to(viewer, experiment="experiment"))
    runs = latest_runs(visible.filter(dataset=dataset))
    return DatasetDetail(
        dataset=dataset,
        schema=stored(dataset.schema),
        profile=stored(dataset.profile),
        runs=runs,
        progress=progress(runs),
        trend=trend(runs),
        experiments=grouped(runs, lambda run: run.experiment),
        board=board(dataset=dataset.name, viewer=viewer, limit=ON_BOARD),
        readers=_readers(dataset, viewer),
        lineage=lineage(dataset, runs, viewer=viewer),
    )


def stored(value: Any) -> StoredText:
    """A schema or a profile as a page shows it."""
    text = value if isinstance(value, str) else ""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if isinstance(value, list):
        value = {"columns": value}
    if isinstance(value, dict):
        return StoredText(tree=body_tree(value) if value else None)
    return StoredText(text=text[:LONGEST_PROFILE], is_cut=len(text) > LONGEST_PROFILE)


def _readers(dataset: Dataset, viewer: User) -> list[RunInput]:
    rows = RunInput.objects.filter(visible_to(viewer, experiment="run__experiment"), dataset=dataset)
    others = rows.exclude(run__dataset=dataset).filter(run__lifecycle="active")
    return list(others.select_related("run__experiment").order_by("-run__started_at", "-pk")[:MOST_READERS])
