"""Bodies that an older release left in MongoDB alone: copied once, when the stores are initialised."""

from registry.models.body_part import COLLECTIONS

from .documents import DocumentCheck
from .drift import Kind, Terms
from .owners import without_parts


def keep_older_bodies() -> int:
    """Copy every body that PostgreSQL has no part of; returns how many there were.

    Two statements where there is nothing to do, which is every time but the first.

    Raises:
        StoreUnavailableError: MongoDB does not answer; what was copied stays copied.
    """
    if not (without_parts("runs") or without_parts("experiments")):
        return 0
    copied = 0
    for collection in COLLECTIONS:
        check = DocumentCheck(collection)
        found = {each.subject: each for step in check.look(deep=False) for each in step.found}
        unkept = [each for each in found.values() if each.kind == Kind.UNKEPT]
        check.mend(unkept, Terms())
        copied += len(unkept)
    return copied
