import datetime as dt
from collections.abc import Iterator

import pytest

from registry.documents.captured import CHECKPOINTS
from registry.documents.connection import collection
from registry.sync.capture.checkpoint import Checkpoint
from registry.sync.capture.consumers import Position
from registry.sync.capture.coverage import coverage
from registry.sync.capture.table_forms import TableForm
from registry.sync.targets import TargetUnavailableError

AT = dt.datetime(2026, 1, 1)  # noqa: DTZ001 (MongoDB's dates come without a zone)


@pytest.fixture
def checkpoint(mongo: None) -> Iterator[None]:
    """Of a consumer that has copied a table and then met another form of it."""
    form = TableForm(
        ("id",),
        (("id", 20), ("name", 25)),
        1,
        2,
        ({"number": 2, "lsn": 5, "what": "added name", "renamed": []},),
    )
    snapshot = {
        "lsn": 1,
        "began_at": AT,
        "ended_at": AT,
        "table": "registry_shown",
        "about": 4,
        "rows": {"registry_shown": 3},
        "others": [],
    }
    told = Checkpoint("shown", 1, "1", Position(7), {"registry_shown": form}, snapshot, {"insert": 2})
    collection(CHECKPOINTS).insert_one(told.stored())
    collection("cdc_shown").insert_one({"_id": 1})
    yield
    collection(CHECKPOINTS).delete_one({"_id": "shown"})
    collection("cdc_shown").drop()


def test_coverage_tells_tables_their_documents_and_their_forms(checkpoint: None) -> None:
    found = coverage("shown")
    assert found is not None
    (table,) = found.tables
    assert (table.table, table.collection, table.copied, table.documents, table.columns) == (
        "registry_shown", "cdc_shown", 3, 1, 2,
    )  # fmt: skip
    assert (table.changes, dict(found.counts)) == (("added name",), {"insert": 2})
    assert (found.snapshot.table, found.snapshot.done, found.snapshot.about) == ("registry_shown", 3, 4)
    assert found.snapshot.ended_at is not None


def test_a_consumer_that_never_began_covers_nothing(mongo: None) -> None:
    assert coverage("never") is None


def test_coverage_is_not_known_without_mongodb(mongodb_away: None) -> None:
    with pytest.raises(TargetUnavailableError, match="MongoDB"):
        coverage("shown")
