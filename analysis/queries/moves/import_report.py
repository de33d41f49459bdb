"""One import: what it brought, what it refused and why, what was compared, how to take it back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet

from registry.enums import ImportedKind, ImportState
from registry.exceptions import NotFoundError
from registry.models import Dataset, Experiment, Import, ImportedItem, RegisteredModel, TrainingRun
from registry.queries.permissions import visible_to

from .imports import short_name

SHOWN_PROBLEMS = 100
SHOWN_THINGS = 12
COMMANDS = {
    "csv": "import_runs_csv",
    "sqlite": "import_sqlite",
    "mlruns": "import_mlflow",
    "mlflow": "import_mlflow",
}
"""What reads each kind of source."""
LINKED = {
    ImportedKind.EXPERIMENT: "analysis:experiment-detail",
    ImportedKind.RUN: "analysis:run-detail",
    ImportedKind.DATASET: "analysis:dataset-detail",
    ImportedKind.REGISTERED_MODEL: "analysis:registered-model",
}
"""Kinds that have a page."""


@dataclass(frozen=True, slots=True)
class MadeKind:
    """How many things of a kind an import made, how many it joined that were here; the first of those made.

    Attributes:
        things: id and name of what is still here and the viewer may see.
        route: the name of the page of a thing; empty where it has none.
    """

    title: str
    made: int
    joined: int
    verified: int | None
    things: list[tuple[str, str]]
    route: str


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """One thing that was refused, or taken without what was wrong with it."""

    place: str
    source_id: str
    kind: str
    cause: str
    cure: str


@dataclass(frozen=True, slots=True)
class ImportDetail:
    """An import for its page.

    Attributes:
        counted: how many problems there were; ``problems`` the first of them.
        verified: figures of the comparison by name; empty before the import has come to its end.
        command: what was asked, and goes on with it; empty where the kind is not known.
    """

    row: Import
    name: str
    word: str
    who: str
    kinds: list[MadeKind]
    problems: list[ImportProblem]
    counted: int
    refused: list[tuple[str, int]]
    verified: Mapping[str, int]
    seconds: float | None
    command: str

    @property
    def is_open(self) -> bool:
        """Whether it came to no end."""
        return self.row.state == ImportState.RUNNING

    @property
    def can_undo(self) -> bool:
        """Whether it is there to be taken back."""
        return self.row.state in (ImportState.RUNNING, ImportState.DONE)


def import_detail(pk: int, *, viewer: User) -> ImportDetail:
    """An import (seven statements at most).

    Raises:
        NotFoundError: there is no such import.
    """
    row = Import.objects.select_related("created_by").filter(pk=pk).first()
    if row is None:
        raise NotFoundError(f"There is no import {pk}.")
    result: dict[str, Any] = row.result
    refused: dict[str, int] = result.get("refused", {})
    return ImportDetail(
        row=row,
        name=short_name(row.place),
        word=str(row.get_state_display()).lower(),
        who=row.created_by.get_username() if row.created_by else "",
        kinds=list(_kinds(row, viewer)),
        problems=_problems(result.get("problems", [])),
        counted=sum(refused.values()),
        refused=[(kind.replace("_", " "), count) for kind, count in refused.items()],
        verified=result.get("verified", {}),
        seconds=result.get("seconds"),
        command=f"{COMMANDS[row.kind]} {quote(row.place)}" if row.kind in COMMANDS else "",
    )


def _problems(kept: Sequence[Mapping[str, str]]) -> list[ImportProblem]:
    names = ("place", "source_id", "kind", "cause", "cure")
    return [ImportProblem(*(str(each.get(name, "")) for name in names)) for each in kept[:SHOWN_PROBLEMS]]


def _kinds(row: Import, viewer: User) -> Iterator[MadeKind]:
    rows = ImportedItem.objects.filter(imported_by=row).order_by()
    counts = rows.values_list("kind").annotate(
        made=Count("pk", filter=Q(is_new=True)),
        joined=Count("pk", filter=Q(is_new=False)),
        verified=Count("pk", filter=Q(is_verified=True)),
        compared=Count("pk", filter=Q(is_verified__isnull=False)),
    )
    found = {kind: figures for kind, *figures in counts}
    first = _first_made(row, list(found))
    for kind in ImportedKind:
        if kind in found:
            made, joined, verified, compared = found[kind]
            things = _things(kind, first.get(kind, []), viewer)
            yield MadeKind(
                str(kind.label), made, joined, verified if compared else None, things, LINKED.get(kind, "")
            )


def _first_made(row: Import, kinds: Sequence[str]) -> dict[str, list[str]]:
    """Our ids of the first things of each kind, by the source's ids (one statement)."""
    parts = [
        ImportedItem.objects.filter(imported_by=row, kind=kind, is_new=True)
        .order_by("source_id")
        .values_list("kind", "our_id")[:SHOWN_THINGS]
        for kind in kinds
    ]
    ids: dict[str, list[str]] = {}
    if parts:
        rest: list[QuerySet[Any, Any]] = parts[1:]
        for kind, our_id in parts[0].union(*rest, all=True):
            ids.setdefault(kind, []).append(our_id)
    return ids


def _things(kind: ImportedKind, ids: Sequence[str], viewer: User) -> list[tuple[str, str]]:
    if not ids:
        return []
    if kind == ImportedKind.RUN:
        runs = TrainingRun.objects.filter(visible_to(viewer, experiment="experiment"), run_id__in=ids)
        return [(run.run_id, run.name) for run in runs.order_by("pk").only("run_id", "name")]
    if kind == ImportedKind.EXPERIMENT:
        experiments = Experiment.objects.filter(visible_to(viewer, experiment="pk"), experiment_id__in=ids)
        return list(experiments.order_by("pk").values_list("experiment_id", "name"))
    if kind == ImportedKind.DATASET:
        return list(Dataset.objects.filter(name__in=ids).order_by("name").values_list("name", "name"))
    if kind == ImportedKind.REGISTERED_MODEL:
        models = RegisteredModel.objects.filter(name__in=ids)
        return list(models.order_by("name").values_list("name", "name"))
    return []
