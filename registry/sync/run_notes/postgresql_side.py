"""Run notes in their own table."""

from collections.abc import Mapping, Sequence

from registry.models import RunNote
from registry.sync.dual_write.sides import Key, Record

from .records import entry_of, locked_runs, record_of


class PostgreSQLSide:
    """The new place of notes: always whole, it commits with whoever writes."""

    title = "PostgreSQL"

    def read(self, owner_ids: Sequence[str]) -> dict[Key, Record]:
        """All notes of these runs (one statement)."""
        rows = RunNote.objects.filter(run__run_id__in=owner_ids).order_by()
        found = rows.values_list("run__run_id", "note_id", "at", "by", "text")
        return {Key(str(run_id), str(note_id)): record_of(*rest) for run_id, note_id, *rest in found}

    def copy(self, records: Mapping[Key, Record]) -> None:
        """Write notes over what is there (two statements)."""
        runs = locked_runs({key.owner_id for key in records})
        notes = [
            RunNote(run=runs[key.owner_id], note_id=key.record_id, **entry_of(key, record))
            for key, record in records.items()
            if key.owner_id in runs
        ]
        RunNote.objects.bulk_create(
            notes, update_conflicts=True, unique_fields=["run", "note_id"], update_fields=["at", "by", "text"]
        )

    def renew(self, _owner_ids: Sequence[str]) -> None:
        """Nothing is kept for it elsewhere."""

    def settle(self, _owner_ids: Sequence[str]) -> set[str]:
        """Nothing is ever owed to it."""
        return set()

    def lag(self, _scope: str) -> int:
        """Nothing is ever owed to it."""
        return 0
