"""Reconcile beside a request, which is answered within seconds however long it takes."""

import logging
import threading

from django.contrib.auth.models import User
from django.db import connection

from .service import reconcile

logger = logging.getLogger(__name__)
PATIENCE_SECONDS = 3.0


def reconcile_beside(*, repair: bool, user: User) -> bool:
    """Start a reconcile in a thread of its own and wait for it a little; returns whether it has ended.

    Another one at work ends it at once, so ask :func:`~registry.sync.reconcile.service.is_running` first.
    """
    # not a daemon: a server that is told to stop finishes what is half mended
    thread = threading.Thread(target=_work, args=(repair, user), name="reconcile")
    thread.start()
    thread.join(PATIENCE_SECONDS)
    return not thread.is_alive()


def _work(repair: bool, user: User) -> None:  # noqa: FBT001 (a thread's target)
    try:
        for _ in reconcile(repair=repair, user=user):
            pass
    except Exception:
        logger.exception("A reconcile asked for in the admin failed")
    finally:
        connection.close()
