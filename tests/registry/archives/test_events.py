"""Events into files and back, and the command over it all."""

import datetime as dt
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from pymongo.database import Database

from registry.archives.events import archive_events
from registry.archives.restore import restore_archive
from registry.documents import event_archive
from registry.documents.event import KEPT_SECONDS
from registry.documents.event_store import FLAT, flat
from registry.exceptions import ArtifactError, StoreUnavailableError
from registry.models import Archive, TrainingRun
from registry.queries.archived_points import archive_path
from registry.queries.events import events_near
from registry.services.events import EventInput, record_events

from .conftest import POINTS, archived, table

pytestmark = [pytest.mark.django_db]
THEN = timezone.now() - dt.timedelta(days=80)
ZURICH = (8.54, 47.38)
Documents = list[dict[str, Any]]


def documents(mongo: Database[dict[str, Any]]) -> Documents:
    """The events, out of their buckets, by id."""
    found = [flat(each) for each in mongo.events.aggregate([{"$unwind": "$events"}, FLAT])]
    return sorted(found, key=lambda each: each["_id"])


def without_expiry(found: Documents) -> Documents:
    return [{name: value for name, value in each.items() if name != "expires_at"} for each in found]


def told(*words: str) -> str:
    out = StringIO()
    call_command("archive", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def old(mongo: Database[dict[str, Any]]) -> Documents:
    """Five old events, one of them with everything an event may have."""
    values = {"amount": float("nan"), "a.b": "$x", "n": 2**62, "at": THEN, "list": [None, True, -0.0]}
    events = [EventInput("purchase", "c1", THEN, ZURICH, values)]
    events += [EventInput("visit", f"c{n}", THEN + dt.timedelta(minutes=n)) for n in range(4)]
    record_events(events=events)
    return documents(mongo)


def test_events_leave_mongodb_and_come_back_as_they_were(
    mongo: Database[dict[str, Any]], old: Documents
) -> None:
    record_events(events=[EventInput("visit", "new")])
    archives = [
        step for step in archive_events(before=timezone.now() - dt.timedelta(days=1), most_events=3)
        if isinstance(step, Archive)
    ]  # fmt: skip
    assert [(each.row_count, each.state, each.is_cleared) for each in archives] == [
        (3, "taken", True),
        (2, "taken", True),
    ]
    assert [each["subject"] for each in documents(mongo)] == ["new"]
    began = timezone.now()
    for archive in archives:
        list(restore_archive(archive.archive_id))
    back = [each for each in documents(mongo) if each["subject"] != "new"]
    assert repr(without_expiry(back)) == repr(without_expiry(old))
    soonest = min(each["expires_at"] for each in back)
    assert soonest >= began + dt.timedelta(seconds=KEPT_SECONDS - 1)
    (near, *_) = events_near(longitude=8.5, latitude=47.4, within_metres=150_000)
    assert near.subject == "c1"


def test_heavy_events_are_read_in_small_batches(
    mongo: Database[dict[str, Any]], old: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_archive, "MOST_BYTES", 200)
    batches = list(event_archive.events_before(timezone.now(), limit=5))
    assert sum(map(len, batches)) == 5
    assert len(batches) > 1


def test_the_file_of_events_can_be_looked_at(mongo: Database[dict[str, Any]], old: Documents) -> None:
    *_, archive = archive_events(before=timezone.now())
    assert isinstance(archive, Archive)
    frame = pd.read_parquet(archive_path(archive)).set_index("subject")
    assert frame.loc["c1", "longitude"].max() == ZURICH[0]
    assert set(frame["kind"]) == {"purchase", "visit"}
    assert '"n": 4611686018427387904' in " ".join(frame["data"])


def test_events_stay_where_the_file_is_not_what_was_written(
    mongo: Database[dict[str, Any]], old: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.archives.event_files.content_of", lambda _: (5, "0" * 64))
    with pytest.raises(ArtifactError, match="not those that were written"):
        list(archive_events(before=timezone.now()))
    assert repr(documents(mongo)) == repr(old)


def test_deleting_that_was_cut_short_goes_on(
    mongo: Database[dict[str, Any]], old: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: object) -> None:
        raise StoreUnavailableError("MongoDB does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr("registry.archives.events.delete_events", away)
        with pytest.raises(StoreUnavailableError):
            list(archive_events(before=timezone.now()))
    assert (len(documents(mongo)), Archive.objects.get().is_cleared) == (len(old), False)
    list(archive_events(before=timezone.now()))
    assert (documents(mongo), Archive.objects.get().is_cleared) == ([], True)


def test_events_that_do_not_come_back_leave_the_archive_taken(
    mongo: Database[dict[str, Any]], old: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, archive = archive_events(before=timezone.now())
    assert isinstance(archive, Archive)
    with monkeypatch.context() as patch:
        patch.setattr("registry.archives.restore.put_back", lambda *_, **__: 0)
        with pytest.raises(ArtifactError, match="0 of 5 events are back"):
            list(restore_archive(archive.archive_id))
    list(restore_archive(archive.archive_id))
    assert repr(without_expiry(documents(mongo))) == repr(without_expiry(old))


def test_the_command_goes_through_it_all(
    mongo: Database[dict[str, Any]], old: Documents, run: TrainingRun, archive_root: Path
) -> None:
    assert told("list") == "No archives.\n"
    assert told("metrics", "--before", "2026-06-01", "--dry-run").startswith(
        f"{len(POINTS)} points of 1 runs"
    )
    assert f"{len(POINTS)} points archived." in told("metrics", "--before", "2026-06-01")
    assert told("events", "--before", "2030-01-01", "--dry-run") == "5 events would be archived.\n"
    assert told("events", "--before", "2030-01-01").endswith("5 events archived.\n")
    assert told("list", "--json").count('"state": "taken"') == 2
    for archive in Archive.objects.all():
        assert archive.content_sha256 in told("show", archive.archive_id)
        assert "is whole" in told("verify", archive.archive_id)
        assert "came back" in told("restore", archive.archive_id)
    assert told("tidy") == "Tidy; 0 files were written anew without purged runs.\n"
    assert (len(table()), len(documents(mongo)), list(archive_root.iterdir())) == (len(POINTS), 5, [])


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["show", "f00"], "no archive 'f00'"),
        (["show", ""], "no archive ''"),
        (["metrics", "--before", "yesterday"], "is no date"),
        (["metrics", "--before", "2026-01-01", "--experiment", "x"], "no experiment named 'x'"),
    ],
)
def test_the_command_says_what_is_wrong(words: list[str], problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        told(*words)


def test_an_id_that_begins_several_archives_is_refused(run: TrainingRun) -> None:
    archived()
    for number in range(2):
        Archive.objects.create(kind="events", before=THEN, archive_id=f"{number:032x}")
    with pytest.raises(CommandError, match="Several archives"):
        told("show", "0000")
