"""The checkpoint of the documents consumer: a document in ``cdc_checkpoints``, written with what it covers.

Each transaction that writes captured rows moves the checkpoint from where this process knows it to be.
So two consumers can't both write (the second meets a conflict, then another position), and a process that
slept through its replacement writes nothing.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from bson import Int64
from pymongo.client_session import ClientSession

from registry.documents.captured import CHECKPOINTS
from registry.documents.connection import Body, collection

from .consumers import Position
from .messages import CaptureError, Transaction
from .table_forms import TableForm, form_of


class OvertakenError(CaptureError):
    """Another process writes what this one was to write."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far the documents are, and what they are made of.

    Args:
        position: None while the snapshot is not whole.
        generation: how many snapshots were begun; a process of an older one writes nothing.
        system: PostgreSQL's own name of its data folder.
        snapshot: of the last one: its position, times, and rows by table.
        counts: changes applied, by kind; ``refused`` rows that no document can hold, ``unfound`` ones
            that an update met no document for.
    """

    name: str
    generation: int
    system: str
    position: Position | None
    forms: Mapping[str, TableForm]
    snapshot: Body
    counts: Mapping[str, int] = field(default_factory=dict)

    def after(
        self, transactions: Sequence[Transaction], counts: Mapping[str, int], forms: Mapping[str, TableForm]
    ) -> Self:
        """The checkpoint once these are applied."""
        if self.position is None:
            raise TypeError("Without a whole snapshot nothing is applied.")
        return replace(
            self,
            position=self.position.after(transactions),
            counts=Counter(self.counts) + Counter(counts),
            forms=dict(forms),
        )

    def move_from(self, before: Self, session: ClientSession) -> "Checkpoint":
        """Put this in the place of the one before, in a transaction; returns what is there.

        Where it is there already, an earlier commit was done and not told: then the transaction is broken
        off, since what it wrote was read from documents that have all of it already.

        Raises:
            OvertakenError: another is there.
        """
        found = _checkpoints().replace_one(before.condition(), self.stored(), session=session)
        if found.matched_count:
            return self
        now = load(self.name, session)
        if now is not None and now.condition() == self.condition():
            session.abort_transaction()
            return now
        raise OvertakenError("Another consumer has moved the checkpoint; this one stops.")

    def hold(self, session: ClientSession, note: Body | None = None) -> None:
        """Touch the checkpoint, so that nobody else moves it while this transaction lasts.

        Args:
            note: fields to set, until the checkpoint is moved on.

        Raises:
            OvertakenError: somebody has moved it.
        """
        found = _checkpoints().update_one(
            self.condition(), {"$inc": {"pieces": 1}, "$set": note or {}}, session=session
        )
        if not found.matched_count:
            raise OvertakenError("Another consumer has moved the checkpoint; this one stops.")

    def condition(self) -> Body:
        """What finds this very checkpoint."""
        return {
            "_id": self.name,
            "generation": self.generation,
            "lsn": None if self.position is None else self.position.lsn,
        }

    def notes(self) -> Iterator[str]:
        """What an operator should know."""
        if self.position is None and "table" in self.snapshot:
            table = self.snapshot["table"]
            done, about = self.snapshot["rows"][table], self.snapshot["about"]
            yield f"copying {table}: {done:,} of about {about:,} rows"
        for table, form in self.forms.items():
            for change in form.changes:
                yield f"{table}: {change['what']} (rows not written since have _schema < {change['number']})"
        if refused := self.counts.get("refused"):
            yield f"{refused} rows pass MongoDB's limits: see _refused"
        if unfound := self.counts.get("unfound"):
            yield f"{unfound} updates found no document, which somebody else had deleted: cdc reset mends it"

    def stored(self) -> Body:
        """As MongoDB keeps it."""
        position = self.position
        return {
            "_id": self.name,
            "generation": self.generation,
            "system": self.system,
            "lsn": None if position is None else Int64(position.lsn),
            "committed_at": position and position.committed_at,
            "transactions": Int64(position.transactions if position else 0),
            "rows": Int64(position.rows if position else 0),
            "counts": {kind: Int64(count) for kind, count in self.counts.items()},
            "tables": [{"table": table, **form.stored()} for table, form in self.forms.items()],
            "snapshot": self.snapshot,
            "updated_at": dt.datetime.now(dt.UTC),
        }


def load(name: str, session: ClientSession | None = None) -> Checkpoint | None:
    """The checkpoint that is stored, if there is one."""
    found = _checkpoints().find_one({"_id": name}, session=session)
    if found is None:
        return None
    position = None
    if found["lsn"] is not None:
        position = Position(found["lsn"], found["committed_at"], found["transactions"], found["rows"])
    return Checkpoint(
        name,
        found["generation"],
        found["system"],
        position,
        {each["table"]: form_of(each) for each in found["tables"]},
        found["snapshot"],
        found["counts"],
    )


def _checkpoints() -> Any:
    return collection(CHECKPOINTS)
