"""Comparing documents byte by byte with what their parts make.

Equal version and checksum mean equal parts, so other bytes are no matter of time: somebody changed
the document by hand.
"""

from collections.abc import Iterator, Sequence

import bson
from bson.raw_bson import RawBSONDocument

from registry.documents import heads as stored
from registry.documents.heads import Range
from registry.sync.bodies import read_bodies

from .drift import Finding, Kind
from .heads import owner_of


def altered_in(collection: str) -> Iterator[tuple[int, list[Finding]]]:
    """The altered documents, page by page, each with the range (0 to 255) that it ends in.

    Raises:
        StoreUnavailableError: MongoDB does not answer.
    """
    after: tuple[Range, str] | None = None
    while page := stored.raw_page(collection, after=after):
        after = (page[-1].get("b"), page[-1]["_id"])
        yield after[0] or 0, list(_altered(collection, page))


def altered_of(collection: str, document_ids: Sequence[str]) -> Iterator[Finding]:
    """Those of these documents that are altered."""
    if document_ids:
        yield from _altered(collection, stored.raw_of(collection, document_ids))


def _altered(collection: str, page: Sequence[RawBSONDocument]) -> Iterator[Finding]:
    raw = {document["_id"]: document for document in page}
    for bodies in read_bodies((collection, document_id) for document_id in raw):
        for body in bodies:
            found = raw[body.document_id]
            is_same = (found.get("v"), found.get("ck")) == (body.version, body.checksum)
            if is_same and found.raw != bson.encode(body.document):
                yield Finding(
                    collection, Kind.ALTERED, body.document_id, owner_of(body.document_id),
                    f"Version {body.version}, but not as it was written",
                )  # fmt: skip
