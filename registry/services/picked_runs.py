"""One change of several runs that a person picked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User

from registry.exceptions import BadInputError, NotFoundError, RegistryError
from registry.models import ExperimentPermission, TrainingRun
from registry.queries.permissions import reaches, run_with_level
from registry.sync.outbox import only_promised

from .runs import delete_run, restore_alone
from .tags import set_run_tags, tag_pairs

MAX_PICKED = 200


@dataclass(slots=True)
class PickedRuns:
    """What became of each.

    Attributes:
        done: how many are as was asked, whether changed now or before.
        forbidden: names of those that the user may read and not change.
        refused: why others could not be changed.
    """

    done: int = 0
    forbidden: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def tag_picked(*, user: User, run_ids: Sequence[str], key: str, value: str) -> PickedRuns:
    """Give runs a tag; one that is there takes the new value.

    Raises:
        BadInputError: no tag can have this key or value, or there are none or more than 200 runs.
    """
    tag_pairs({key: value})
    return _each(user, run_ids, lambda run: set_run_tags(run_id=run.run_id, tags={key: value}))


def archive_picked(*, user: User, run_ids: Sequence[str]) -> PickedRuns:
    """Move runs to the bin.

    Raises:
        BadInputError: there are none or more than 200 runs.
    """
    return _each(user, run_ids, lambda run: delete_run(run_id=run.run_id))


def restore_picked(*, user: User, run_ids: Sequence[str]) -> PickedRuns:
    """Take runs out of the bin; those of an experiment in the bin are refused, since they would stay there.

    Raises:
        BadInputError: there are none or more than 200 runs.
    """
    return _each(user, run_ids, restore_alone)


def checked_picks(run_ids: Sequence[str]) -> list[str]:
    """The ids, each once.

    Raises:
        BadInputError: there are none or more than 200.
    """
    ids = list(dict.fromkeys(run_ids))
    if not ids:
        raise BadInputError("No run is picked. Tick the boxes at the left of the runs that you mean.")
    if len(ids) > MAX_PICKED:
        raise BadInputError(f"{len(ids):,} runs are picked; at most {MAX_PICKED} can be changed at once.")
    return ids


def _each(user: User, run_ids: Sequence[str], change: Callable[[TrainingRun], object]) -> PickedRuns:
    """Change each run in a transaction of its own; the relay delivers, since nobody waits for 200 bodies.

    Whatever stops us in the middle leaves the runs before it changed and the others as they were; asking
    for the same again is harmless, since a run that is as was asked stays so.
    """
    picked = PickedRuns()
    with only_promised():
        for run_id in checked_picks(run_ids):
            try:
                run, level = run_with_level(user, run_id)
                if not reaches(level, ExperimentPermission.Level.EDIT):
                    picked.forbidden.append(run.name)
                    continue
                change(run)
                picked.done += 1
            except NotFoundError:
                picked.refused.append(f"There is no run {run_id[:32]}.")
            except RegistryError as error:
                picked.refused.append(f"{run.name}: {error}")
    return picked
