"""Every window that this process has to do with."""

import os
import time

from .allowance import Allowance
from .ledger import Window

MOST = 10_000
_known: dict[str, Allowance] = {}


def allowance(name: str, *, limit: int, seconds: int = 60, is_exact: bool = False) -> Allowance:
    """The window of this name; a new one where its limit has changed.

    Args:
        is_exact: for what is rare: each is asked for, none is held back.
    """
    found = _known.get(name)
    if found is not None and found.window.limit == limit and found.window.seconds == seconds:
        return found
    if len(_known) >= MOST:
        _forget_idle(seconds)
    made = Allowance(Window(name, limit, seconds), is_exact=is_exact)
    if found is not None:  # of another limit
        _known[name] = made
    return _known.setdefault(name, made)


def forget_all() -> None:
    """Begin anew: in a forked process, and between tests."""
    _known.clear()


def _forget_idle(seconds: int) -> None:
    last = time.monotonic() - 2 * seconds
    for name in [name for name, each in list(_known.items()) if each.used_at < last]:
        _known.pop(name, None)
    if len(_known) >= MOST:
        _known.clear()  # the ledger remembers


os.register_at_fork(after_in_child=forget_all)
