"""Looking after the online features: every entity's newest offline row, and whether Redis serves it."""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain

from features import keys
from features.offline_values import from_json
from features.online import feature_values
from features.online.whole import is_whole
from features.packing import Unpacked, is_same
from features.queries.due_rows import DueRow, due_rows_after, due_rows_of, owed_transactions
from features.queries.view_schemas import all_view_schemas
from features.view_schema import ViewSchema
from registry.sync.reconcile.drift import Check, Finding, Kind, Mending, Step, Terms

from .online_features import OnlineRow, write_online_features
from .refilling import refill

CHUNK = 5_000
Found = tuple[Kind, str]
EMPTIED = Finding(
    "features", Kind.MISSING, "the store", "", "Redis was emptied: features are served from PostgreSQL"
)


class FeatureCheck(Check):
    """Compares the active views' rows in Redis with PostgreSQL's newest; too old ones may be gone."""

    place = "features"
    store = "Redis"

    def look(self, *, deep: bool) -> Iterator[Step]:  # noqa: ARG002 (everything is compared anyway)
        """Compare everything once, and what seems wrong again."""
        done = 0
        if not is_whole():
            yield Step(0, 1, [EMPTIED])
        for view in all_view_schemas():
            last = ""
            while rows := due_rows_after(view, last, limit=CHUNK):
                last, done = rows[-1].entity_key, done + len(rows)
                suspects = [row.entity_key for row, _ in _wrong(view, rows)]
                yield Step(done, done + 1, list(_confirmed(view, suspects)))
        yield Step(done + 1, done + 1)

    def mend(self, findings: Sequence[Finding], terms: Terms) -> Mending:
        """Write the newest offline rows; what Redis alone has goes, unless there is much of it."""
        mending = Mending()
        if EMPTIED in findings:
            refill()
        ahead = [each for each in findings if each.kind is Kind.AHEAD]
        if len(ahead) > terms.at_most:
            reason = f"more than {terms.at_most} are ahead: was PostgreSQL restored from an old backup?"
            mending.left = [(each, reason) for each in ahead]
            findings = [each for each in findings if each.kind is not Kind.AHEAD]
        for view, found in _by_view(findings):
            for start in range(0, len(found), CHUNK):
                _write(view, found[start : start + CHUNK])
        return mending

    def still(self, findings: Sequence[Finding]) -> set[str]:
        """Each looked at again."""
        wrong: set[str] = {EMPTIED.subject} if EMPTIED in findings and not is_whole() else set()
        for view, found in _by_view(findings):
            for start in range(0, len(found), CHUNK):
                chunk = [each.owner_id for each in found[start : start + CHUNK]]
                wrong |= {each.subject for each in _confirmed(view, chunk)}
        return wrong


def _by_view(findings: Sequence[Finding]) -> Iterator[tuple[ViewSchema, list[Finding]]]:
    """The findings of each view that is active still; of the others nothing is served."""
    by_name: dict[str, list[Finding]] = defaultdict(list)
    for each in findings:
        by_name[each.fingerprint].append(each)
    for view in all_view_schemas():
        if found := by_name.get(_called(view)):
            yield view, found


def _write(view: ViewSchema, findings: Sequence[Finding]) -> None:
    # What is in the way of PostgreSQL's row goes first: only a newer event or record would replace it.
    in_the_way = (Kind.AHEAD, Kind.ALTERED, Kind.DIFFERING)
    gone = [each.owner_id for each in findings if each.kind in in_the_way]
    feature_values.delete(keys.feature_rows(view.entity, view.name, view.version, gone))
    due = due_rows_of(view, [each.owner_id for each in findings]).values()
    online = [OnlineRow(row.entity_key, row.event_at, _values(view, row), row.written_at) for row in due]
    write_online_features(view=view, rows=online)


def _values(view: ViewSchema, row: DueRow) -> dict[str, object]:
    return dict(zip(view.names, from_json(view, row.kept), strict=True))


def _confirmed(view: ViewSchema, entity_keys: Sequence[str]) -> Iterator[Finding]:
    """Redis read between two reads of PostgreSQL that say the same and owe nothing."""
    if not entity_keys:
        return
    before, owed = due_rows_of(view, entity_keys), owed_transactions(view)
    wrong = list(_wrong(view, [row for row in before.values() if row.transaction not in owed]))
    after = due_rows_of(view, [row.entity_key for row, _ in wrong])
    for row, (kind, detail) in wrong:
        if after.get(row.entity_key) == row:
            subject = f"{view.name}:{row.entity_key}"
            yield Finding(
                FeatureCheck.place, kind, subject, row.entity_key, detail, fingerprint=_called(view)
            )


def _wrong(view: ViewSchema, rows: Sequence[DueRow]) -> Iterator[tuple[DueRow, Found]]:
    names = keys.feature_rows(view.entity, view.name, view.version, [row.entity_key for row in rows])
    blobs = chain.from_iterable(feature_values.fetch_parts(names, widest=view.codec.widest))
    for row, blob in zip(rows, blobs, strict=True):
        if judged := _judged(view, row, blob):
            yield row, judged


def _judged(view: ViewSchema, row: DueRow, blob: bytes | None) -> Found | None:
    if blob is None:
        if _is_too_old(view, row):
            return None
        return Kind.MISSING, f"It should be served with its event of {row.event_at}"
    online = view.codec.unpack(blob)
    if online is None:
        return Kind.ALTERED, "What is served is not of this definition"
    return _compared(view, row, online)


def _compared(view: ViewSchema, row: DueRow, online: Unpacked) -> Found | None:
    event_ms, _, values = online
    if event_ms < row.event_ms:
        return Kind.STALE, f"An older event than that of {row.event_at} is served"
    if event_ms > row.event_ms:
        return Kind.AHEAD, f"A newer event than that of {row.event_at} is served"
    due = from_json(view, row.kept)
    other = [name for name, *pair in zip(view.names, values, due, strict=True) if not is_same(*pair)]
    return (Kind.DIFFERING, f"The event of {row.event_at} has another {', '.join(other)}") if other else None


def _is_too_old(view: ViewSchema, row: DueRow) -> bool:
    return view.ttl_seconds is not None and row.event_ms + view.ttl_seconds * 1_000 < time.time() * 1_000


def _called(view: ViewSchema) -> str:
    return f"{view.name} {view.version}"
