"""Events in Parquet: columns to look at, and the whole document in BSON."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from registry.documents.event_archive import StoredEvent
from registry.parquet.files import NewFile, groups_of

MOMENT = pa.timestamp("ms", tz="UTC")
SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("subject", pa.string()),
        pa.field("at", MOMENT),
        pa.field("longitude", pa.float64()),
        pa.field("latitude", pa.float64()),
        pa.field("data", pa.string()),  # JSON, to look at
        pa.field("document", pa.binary()),  # BSON, to restore
    ]
)


def add_events(file: NewFile, events: Sequence[StoredEvent]) -> None:
    """Add a row group."""
    columns = [[getattr(event, name) for event in events] for name in SCHEMA.names]
    file.add([pa.array(cells, type=each.type) for cells, each in zip(columns, SCHEMA, strict=True)])


def documents_in(path: Path) -> Iterator[list[tuple[str, bytes]]]:
    """Ids and documents in BSON, a row group at a time.

    Raises:
        ArtifactError: the file is missing or damaged.
    """
    for group in groups_of(path, columns=["event_id", "document"]):
        yield list(zip(*(column.to_pylist() for column in group.columns), strict=True))


def content_of(path: Path) -> tuple[int, str]:
    """How many events a file holds, and the SHA-256 of their documents in order."""
    digest, count = hashlib.sha256(), 0
    for documents in documents_in(path):
        count += len(documents)
        for _, document in documents:
            digest.update(document)
    return count, digest.hexdigest()
