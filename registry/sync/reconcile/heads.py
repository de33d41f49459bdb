"""Versions and checksums of documents as PostgreSQL has them: its side of what reconcile compares."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from registry.documents.heads import RangeSum
from registry.enums import OutboxStatus, OutboxTarget

HEADS = """
SELECT document_id, max(version) AS version, bit_xor(checksum) AS checksum FROM registry_bodypart
WHERE collection = %(collection)s
"""
# Both read the unique index alone, in its order: no sort, no body.
SUMS = f"""
SELECT range, count(*), sum(version)::int8, sum(checksum)::int8
FROM (SELECT left(document_id, 2) AS range, version, checksum FROM ({HEADS} GROUP BY 1) AS heads) AS ranges
GROUP BY 1
"""  # noqa: S608 (made of constants)
IN_RANGES = f"{HEADS} AND left(document_id, 2) = ANY(%(ranges)s) GROUP BY 1"

# One statement, so one snapshot: a version and what is owed of it belong together.
WITH_DEBTS = f"""
SELECT document_id, head.version, head.checksum,
    EXISTS (SELECT FROM registry_outboxentry o WHERE o.aggregate_id = split_part(document_id, ':', 1)
        AND o.document_id = wanted.document_id AND topic = %(collection)s
        AND target = {OutboxTarget.MONGODB.value} AND status = {OutboxStatus.DUE.value}),
    (SELECT max(last_error) FROM registry_outboxentry o
        WHERE o.aggregate_id = split_part(wanted.document_id, ':', 1)
        AND o.document_id = wanted.document_id AND topic = %(collection)s
        AND target = {OutboxTarget.MONGODB.value} AND status = {OutboxStatus.PARKED.value})
FROM unnest(%(ids)s::text[]) AS wanted (document_id), LATERAL (
    SELECT max(version) AS version, bit_xor(checksum) AS checksum FROM registry_bodypart p
    WHERE p.collection = %(collection)s AND p.document_id = wanted.document_id) AS head
"""  # noqa: S608 (made of constants)

RANGES = 256


class KeptHead(NamedTuple):
    """A document as PostgreSQL has it; no version where it keeps no part of it.

    ``is_owed``: its delivery waits. ``parked``: why it was given up, None where it was not.
    """

    version: int | None
    checksum: int | None
    is_owed: bool = False
    parked: str | None = None


def owner_of(document_id: str) -> str:
    """The run or experiment of a document, by its id."""
    return document_id.partition(":")[0]


def range_sums(collection: str) -> dict[int, RangeSum]:
    """Every range that holds a document (one statement)."""
    sums: dict[int, RangeSum] = {}
    with connection.cursor() as cursor:
        cursor.execute(SUMS, {"collection": collection})
        for digits, *numbers in cursor.fetchall():
            known = sums.get(int(digits, 16), RangeSum(0, 0, 0))
            added = RangeSum(*numbers)
            sums[int(digits, 16)] = RangeSum(*(a + b for a, b in zip(known, added, strict=True)))
    return sums


def heads_in(collection: str, ranges: Sequence[int]) -> dict[str, KeptHead]:
    """The documents in these ranges (one statement)."""
    # the ids of old experiments may be a single digit
    digits = [f"{number:02x}" for number in ranges] + [f"{number:x}" for number in ranges]
    with connection.cursor() as cursor:
        cursor.execute(IN_RANGES, {"collection": collection, "ranges": digits})
        return {document_id: KeptHead(version, checksum) for document_id, version, checksum in cursor}


def heads_of(collection: str, document_ids: Sequence[str]) -> dict[str, KeptHead]:
    """These documents, with what is owed of them (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(WITH_DEBTS, {"collection": collection, "ids": list(document_ids)})
        return {document_id: KeptHead(*rest) for document_id, *rest in cursor}
