"""Parts of many runs' bodies, kept and owed by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from registry.documents import plain
from registry.enums import OutboxTarget
from registry.models import TrainingRun

from .bodies import checksum
from .outbox import HEADSTART_SECONDS, RUN_CHANGED, Part

# A part that is there stays: it is newer than the row tells, or the same.
PROMISE = f"""
WITH kept AS (
    INSERT INTO registry_bodypart (collection, document_id, part, owner_id, version, checksum, payload)
    SELECT 'runs', document_id, part, document_id, version, checksum, payload
    FROM unnest(%(documents)s::text[], %(parts)s::text[], %(part_versions)s::int4[], %(checksums)s::int8[],
        %(payloads)s::bytea[]) AS made (document_id, part, version, checksum, payload)
    ON CONFLICT (collection, document_id, part) DO NOTHING
), counted AS (
    UPDATE registry_trainingrun r SET version = owner.version, body_bytes = greatest(body_bytes, bytes)
    FROM unnest(%(pks)s::int8[], %(versions)s::int4[], %(bytes)s::int4[]) AS owner (id, version, bytes)
    WHERE r.id = owner.id AND (r.version < owner.version OR body_bytes < bytes)
)
INSERT INTO registry_outboxentry
    (target, topic, aggregate_id, document_id, aggregate_version, attempts, status, next_at, last_error)
SELECT target, topic, run_id, CASE target WHEN {OutboxTarget.MONGODB.value} THEN run_id ELSE '' END, version,
    0, 0, now() + make_interval(secs => {HEADSTART_SECONDS}), ''
FROM unnest(%(run_ids)s::text[], %(versions)s::int4[], %(are_served)s::bool[])
        AS owner (run_id, version, is_served),
    (VALUES ({OutboxTarget.MONGODB.value}, 'runs'), ({OutboxTarget.REDIS.value}, '{RUN_CHANGED}'))
        AS owed (target, topic)
WHERE target = {OutboxTarget.MONGODB.value} OR is_served
"""  # noqa: S608 (made of constants)


@dataclass
class Batch:
    """Columns of what a statement writes: of parts, and of their runs."""

    parts: list[tuple[str, str, int, int, bytes]] = field(default_factory=list)
    runs: list[tuple[int, str, int, int, bool]] = field(default_factory=list)

    def add(self, run: TrainingRun, parts: Sequence[Part], *, base: int, size: int) -> None:
        """A run with the parts of its body, all of them or none.

        Raises:
            BodyTooLargeError, BadInputError: a part can't be stored.
        """
        packed = [(part.name, part.packed()) for part in parts]
        plain.check_size(sum(len(payload) for _, payload in packed), where=f"The body of run {run.run_id}")
        for name, payload in packed:
            self.parts.append((run.run_id, name, base, checksum(name, base, payload), payload))
        self.runs.append((run.pk, run.run_id, run.version, size, run.is_ended))

    def store(self) -> None:
        """Keep the parts and owe their documents, in one statement."""
        if self.runs:
            with connection.cursor() as cursor:
                cursor.execute(PROMISE, self._values())

    def _values(self) -> dict[str, Any]:
        names = ("documents", "parts", "part_versions", "checksums", "payloads")
        owners = ("pks", "run_ids", "versions", "bytes", "are_served")
        columns = [map(list, zip(*rows, strict=True)) for rows in (self.parts, self.runs)]
        return dict(zip((*names, *owners), (column for each in columns for column in each), strict=True))
