"""Transactions folded for documents: what they leave, and the forms that their tables have then."""

from collections.abc import Sequence

from .checkpoint import Checkpoint
from .folding import Fold, Read
from .messages import CaptureError, Relation, Transaction
from .row_documents import RowShape, row_shape
from .table_forms import TableForm


def folded(group: Sequence[Transaction], before: Checkpoint, read: Read) -> tuple[Fold, dict[str, TableForm]]:
    """What transactions leave, and the forms of tables after them.

    Raises:
        CaptureError: a table is not in the snapshot, or its key has changed.
    """
    forms = dict(before.forms)
    shapes: dict[int, tuple[Relation, RowShape]] = {}  # with the relation, so that its id stays its own

    def shape_of(relation: Relation, lsn: int) -> RowShape:
        found = shapes.get(id(relation))
        if found is None:
            if relation.table not in forms:
                raise CaptureError(
                    f"Changes of {relation.table}, of which there is no snapshot: manage.py cdc reset."
                )
            form = forms[relation.table] = forms[relation.table].then(relation, lsn)
            found = shapes[id(relation)] = relation, row_shape(relation, form)
        return found[1]

    fold = Fold(shape_of, read, {table: form.since for table, form in forms.items()})
    fold.add(group)
    return fold, forms
