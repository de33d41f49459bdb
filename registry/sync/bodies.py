"""Bodies as PostgreSQL keeps them: parts in, whole documents out.

A document is its parts folded in the order of their versions, so it can be made again at any time,
and two that were made from the same parts are the same byte for byte.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import bson
from django.db import connection

Payload = dict[str, Any]
Key = tuple[str, str]  # collection, document id
CODEC = bson.CodecOptions(tz_aware=True)  # type: ignore[var-annotated]
MAX_CHUNK_BYTES = 32 * 1024 * 1024

SIZES = """
SELECT collection, document_id, sum(octet_length(payload)) FROM registry_bodypart
WHERE (collection, document_id) IN (SELECT * FROM unnest(%(collections)s::text[], %(ids)s::text[]))
GROUP BY 1, 2 ORDER BY 1, 2
"""
READ = """
SELECT collection, document_id, part, version, checksum, payload FROM registry_bodypart
WHERE (collection, document_id) IN (SELECT * FROM unnest(%(collections)s::text[], %(ids)s::text[]))
ORDER BY collection, document_id, version, part
"""


@dataclass
class Body:
    """A document as PostgreSQL knows it: version ``v``, checksum ``ck``, content in the order of versions."""

    collection: str
    document_id: str
    version: int = 0
    checksum: int = 0
    content: Payload = field(default_factory=dict)

    @property
    def document(self) -> Payload:
        """The document as MongoDB holds it; ``b`` is the range that reconcile finds it in."""
        head = {
            "_id": self.document_id,
            "v": self.version,
            "ck": self.checksum,
            "b": bucket(self.document_id),
        }
        return head | self.content

    def fold(self, version: int, checksum: int, payload: Payload) -> None:
        """Lay the next part over what is there."""
        self.version = max(self.version, version)
        self.checksum ^= checksum
        self.content |= payload.get("set", {})
        for leaf in payload.get("leaves", ()):
            _set_leaf(self.content, leaf["path"], leaf["value"])


def bucket(document_id: str) -> int:
    """The range, 0 to 255, of a document: by the first two digits of its run's or experiment's id."""
    return int(document_id[:2], 16)


def checksum(part: str, version: int, payload: bytes) -> int:
    """CRC-32 of a part; a document's is the exclusive or of its parts'."""
    return zlib.crc32(payload, zlib.crc32(f"{part}:{version}:".encode()))


def read_bodies(keys: Iterable[Key]) -> Iterator[list[Body]]:
    """The bodies with these keys, in lists whose parts weigh at most 32 MB (or one body).

    Two statements for few, one more for each 32 MB; a key without parts yields nothing.
    """
    for chunk in _chunks(sorted(set(keys))):
        yield _read(chunk)


def sizes_of(keys: Iterable[Key]) -> dict[Key, int]:
    """About how many bytes each of these documents has (one statement); one without parts is left out."""
    found = _rows(SIZES, sorted(set(keys)))
    return {(collection, document_id): int(size) for collection, document_id, size in found}


def _chunks(keys: list[Key]) -> Iterator[list[Key]]:
    if len(keys) <= 2:  # noqa: PLR2004 (at most two documents of 16 MB)
        if keys:
            yield keys
        return
    chunk: list[Key] = []
    weight = 0
    for collection, document_id, size in _rows(SIZES, keys):
        if chunk and weight + size > MAX_CHUNK_BYTES:
            yield chunk
            chunk, weight = [], 0
        chunk.append((collection, document_id))
        weight += size
    if chunk:
        yield chunk


def _read(keys: list[Key]) -> list[Body]:
    bodies: dict[Key, Body] = {}
    for collection, document_id, _, version, part_checksum, payload in _rows(READ, keys):
        body = bodies.setdefault((collection, document_id), Body(collection, document_id))
        body.fold(version, part_checksum, bson.decode(payload, CODEC))
    return list(bodies.values())


def _rows(sql: str, keys: list[Key]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"collections": [key[0] for key in keys], "ids": [key[1] for key in keys]})
        rows: list[Any] = cursor.fetchall()
    return rows


def _set_leaf(content: Payload, path: list[str], value: Any) -> None:
    for key in path[:-1]:
        content = content.setdefault(key, {})
    content[path[-1]] = value
