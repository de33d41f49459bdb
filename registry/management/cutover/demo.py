"""Moving the notes of runs of its own to the new store and back, while they are written and read."""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

from registry.enums import DualWriteState as State
from registry.enums import SagaState
from registry.exceptions import ConflictError, StoreUnavailableError
from registry.fields import new_hex_id
from registry.models import DualWrite, Experiment, Saga
from registry.services.experiments import create_experiment
from registry.services.purges import purge_experiment
from registry.services.runs import start_run
from registry.sync import saga_engine
from registry.sync.dual_write.holding import only_mover
from registry.sync.dual_write.moving import Moved, Step, advance, rollback
from registry.sync.dual_write.status import switch
from registry.sync.run_notes.notes import RUN_NOTES

from .crew import QUERY, Crew
from .proof import Proof, proofs

STEPS: tuple[Callable[..., Step], ...] = (advance,) * 4 + (rollback,) * 4
NAMED = "cutover-demo-"
DESCRIPTION = "Made by manage.py demo_cutover, which takes it away again."
UNFINISHED = (SagaState.RUNNING, SagaState.STUCK)
TRIES = 10
WAIT_SECONDS = 0.3


@dataclass(frozen=True)
class Written:
    """How many notes have been taken."""

    notes: int


@dataclass(frozen=True)
class StepLine:
    """One step, for the table of them."""

    step: str
    seconds: float
    writers_waited_ms: float
    notes_meanwhile: int
    copied: int
    compared: int | None
    differing: int | None
    tries: int


@dataclass(frozen=True)
class Shown:
    """What the demonstration showed."""

    steps: list[StepLine]
    proofs: list[Proof]
    reads: int
    blind_reads: int
    refused: list[str]
    broken: list[str]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled, refused or unseen."""
        return all(each.holds for each in self.proofs) and not (
            self.refused or self.broken or self.blind_reads
        )


def demonstrate(*, writers: int, notes: int, runs: int) -> Iterator[Written | Shown]:
    """Move notes there and back under concurrent writers, an experiment of its own alone; yields progress.

    What an earlier one left when it was killed is taken away first, what this one made at the end.

    Raises:
        ConflictError: another demonstration is at work, or a step is refused for good.
        StoreUnavailableError: a store does not answer.
    """
    with only_mover("demo_cutover"):
        _sweep()
        experiment = create_experiment(name=f"{NAMED}{new_hex_id()[:8]}", description=DESCRIPTION)
        try:
            # its own way from the beginning, wherever all others stand
            DualWrite.objects.create(name=RUN_NOTES.name, scope=experiment.experiment_id)
            yield from _moved(experiment, writers=writers, notes=notes, runs=runs)
        finally:
            _sweep()


def _moved(experiment: Experiment, *, writers: int, notes: int, runs: int) -> Iterator[Written | Shown]:
    began, scope = time.perf_counter(), experiment.experiment_id
    made = [start_run(experiment=experiment.name, name=f"run {number}") for number in range(1, runs + 1)]
    lines: list[StepLine] = []
    with Crew(made, writers) as crew:
        for done, step in enumerate(STEPS):
            # up to the next but one: what is written during this step never waits for the demonstration
            crew.allowed = notes * (done + 2) // (len(STEPS) + 1)
            while crew.answers < notes * (done + 1) // (len(STEPS) + 1) and not crew.broken:
                yield Written(crew.answers)
                time.sleep(0.02)
            lines.append((yield from _taken(step, scope, crew)))
            if done == 1:
                switch(RUN_NOTES, scope=scope, query=QUERY, to_new=True)
        crew.allowed = notes
        while crew.answers < notes and not crew.broken:
            yield Written(crew.answers)
            time.sleep(0.02)
    _drive(advance(RUN_NOTES, scope=scope))  # what was written since it was switched off
    proven = proofs(crew.acknowledged)
    _drive(rollback(RUN_NOTES, scope=scope))
    seconds = time.perf_counter() - began
    yield Shown(lines, proven, crew.reads, crew.blind, crew.refused, crew.broken, seconds)


def _taken(step: Callable[..., Step], scope: str, crew: Crew) -> Generator[Written, None, StepLine]:
    """One step, asked for again where MongoDB was slow for a moment."""
    before = crew.answers
    stood = _state(scope)
    for tried in range(1, TRIES + 1):
        try:
            for each in step(RUN_NOTES, scope=scope):
                yield Written(crew.answers)
                if isinstance(each, Moved):
                    return _line(each, crew.answers - before, tried)
        except (ConflictError, StoreUnavailableError):
            if tried == TRIES or _state(scope) != stood:
                raise
            time.sleep(WAIT_SECONDS)
    raise AssertionError("a step ends with what it did, or is refused")


def _line(moved: Moved, notes: int, tries: int) -> StepLine:
    compared = moved.comparison
    return StepLine(
        step=f"{moved.before} → {moved.after}",
        seconds=moved.seconds,
        writers_waited_ms=1_000 * moved.held_seconds,
        notes_meanwhile=notes,
        copied=moved.copied,
        compared=compared.old.records if compared else None,
        differing=compared.differing if compared else None,
        tries=tries,
    )


def _state(scope: str) -> str:
    row = DualWrite.objects.filter(name=RUN_NOTES.name, scope=scope).first()
    return row.state if row else State.OFF


def _drive(step: Step) -> None:
    for _ in step:
        pass


def _sweep() -> None:
    """Take away the experiments of demonstrations, with their runs and notes, in every store."""
    for experiment in Experiment.objects.filter(name__startswith=NAMED, description=DESCRIPTION):
        begun = Saga.objects.filter(aggregate_id=experiment.experiment_id, state__in=UNFINISHED).first()
        if begun:
            saga_engine.resume(begun.saga_id)
        else:
            purge_experiment(experiment_id=experiment.experiment_id)
