"""Something in each part of the moves' page."""

import datetime as dt

from django.contrib.auth.models import User
from django.utils import timezone

from registry.models import Archive, Backfill, Divergence, DualWrite, DualWriteQuery, Import, ImportedItem
from tests.factories import DatasetFactory, ExperimentFactory, RegisteredModelFactory, RunFactory

PROBLEM = {
    "place": "line 3",
    "source_id": "r3",
    "kind": "run",
    "cause": "The status is 'RUNING'.",
    "cure": "Say RUNNING.",
}
PLACE = "/data/runs of 2024.csv"
AT = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)


def fill_moves(user: User) -> Import:
    """Rows as the commands leave them; returns the import that has come to its end."""
    moving = DualWrite.objects.create(name="run_notes", state="verify", copied=12, is_copied=True)
    DualWriteQuery.objects.create(
        dual_write=moving, query="run_page", is_new=True, compared=1_234, differed=2
    )
    Divergence.objects.create(
        dual_write=moving, key="abc/n1", kind="differing", old={"text": "as it was"}, new={"text": "as it is"}
    )
    Divergence.objects.create(dual_write=moving, key="abc/n2", kind="only_old", mended_at=AT)
    Backfill.objects.create(
        ended_at=AT, since=AT, experiment="pets", is_again=True, total=2_000, looked_at=1_500, made=1_499,
        refused=1, waiting=3, refusals={"0" * 32: "Its body is too large."}, working_seconds=0.5,
    )  # fmt: skip
    Archive.objects.create(
        archive_id="3f2a91c0" + "0" * 24, kind="metrics", state="taken", before=AT, taken_at=AT,
        row_count=1_000_000, run_count=40, byte_count=4_194_304,
    )  # fmt: skip
    return imported(user)


def imported(user: User) -> Import:
    """An import with everything that can be made, a run that joined, and a problem."""
    verified = {"runs": 2, "points": 7, "differing": 0, "documents": 2, "waiting": 0}
    result = {"refused": {"run": 1_000}, "problems": [PROBLEM], "verified": verified, "seconds": 2.5}
    row = Import.objects.create(
        kind="csv", place=PLACE, fingerprint="0" * 64, state="done", created_by=user, runs=2, points=7,
        ended_at=timezone.now(), result=result,
    )  # fmt: skip
    run = RunFactory.create(name="brought", experiment=ExperimentFactory.create(name="old runs"))
    made = {
        "experiment": run.experiment.experiment_id,
        "run": run.run_id,
        "dataset": DatasetFactory.create(name="brought-data").name,
        "registered_model": RegisteredModelFactory.create(name="brought-model").name,
        "logged_model": "0" * 32,
    }
    for kind, our_id in made.items():
        ImportedItem.objects.create(
            imported_by=row, kind=kind, source_id="1", our_id=our_id, is_verified=True
        )
    ImportedItem.objects.create(imported_by=row, kind="run", source_id="2", our_id="f" * 32, is_new=False)
    return row
