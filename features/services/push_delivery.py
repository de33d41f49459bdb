"""Delivering to Redis what pushes owe it."""

from collections.abc import Sequence

from features.offline_values import from_json
from features.queries.pushed_rows import Row, pushed_rows
from features.queries.view_schemas import view_schema
from features.view_schema import ViewSchema
from registry.exceptions import BadInputError
from registry.sync.targets import Entry, Refusal

from .online_features import OnlineRow, write_online_features

AT_ONCE = 50  # pushes, each of up to 10,000 rows
UNDELIVERABLE = (BadInputError, ValueError)  # a time that Python can't read back is the latter


def deliver_pushes(entries: Sequence[Entry]) -> list[Refusal]:
    """Write the newest rows of these pushes (a statement and a round trip a view, for each 50 pushes).

    Returns:
        The pushes that Redis can never take, with the reason.

    Raises:
        StoreUnavailableError: Redis is away or full; any part may be written.
    """
    refused: list[Refusal] = []
    for start in range(0, len(entries), AT_ONCE):
        chunk = entries[start : start + AT_ONCE]
        try:
            _deliver(chunk)
        except UNDELIVERABLE:
            refused += _refused(chunk)
    return refused


def _refused(entries: Sequence[Entry]) -> list[Refusal]:
    """One by one, so that one push does not keep the others."""
    refused = []
    for entry in entries:
        try:
            _deliver([entry])
        except UNDELIVERABLE as error:
            refused.append((entry, str(error)))
    return refused


def _deliver(entries: Sequence[Entry]) -> None:
    pushes = [(int(each.aggregate_id.removeprefix("view ")), int(each.document_id)) for each in entries]
    for (name, version), rows in pushed_rows(pushes).items():
        schema = view_schema(name, version=version)
        write_online_features(view=schema, rows=[_online(schema, row) for row in rows])


def _online(schema: ViewSchema, row: Row) -> OnlineRow:
    key, event_at, written_at, kept = row
    values = dict(zip(schema.names, from_json(schema, kept), strict=True))
    return OnlineRow(key, event_at, values, written_at)
