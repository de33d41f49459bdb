"""What the hub asks PostgreSQL; a failure is waited out, whatever kept it from answering."""

import logging
import time
from collections import deque
from collections.abc import Collection, Iterable, Sequence

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from analysis.queries.run_stamps import run_stamps
from features.online.doorbells import LOOK_AGAIN_SECONDS
from registry.exceptions import NotFoundError, StoreUnavailableError
from registry.postgres.deadlines import within

from .scene import Scene
from .watched import Watched
from .watcher import Watcher

AGAIN_SECONDS = LOOK_AGAIN_SECONDS
AWAY = (OperationalError, InterfaceError, StoreUnavailableError)
DEADLINE_SECONDS = 2.0
RETRY_SECONDS = 1.0
GONE = Scene({}, is_over=True, status="gone")
logger = logging.getLogger(__name__)


def look(due: Sequence[Watched], now: float) -> list[Watched]:
    """Look at feeds (one statement for all), and render those that changed.

    Those that waited longest come first; where time or a store runs out, the rest is tried again soon.

    Returns:
        Those that can't be drawn, whatever the reason: an error of theirs alone.
    """
    waiting = deque(sorted(due, key=lambda each: each.tried_at))
    failed: list[Watched] = []
    try:
        with within(DEADLINE_SECONDS):
            connection.close_if_unusable_or_obsolete()
            stamps = run_stamps({each.feed.run_id for each in due if each.feed.run_id})
            while waiting:
                watched = waiting[0]
                watched.tried_at = now
                if not _could_look_at(watched, stamps.get(watched.feed.run_id, ""), now):
                    failed.append(watched)
                watched.looked(now)
                waiting.popleft()
    except AWAY as error:
        logger.warning("The pages that are followed wait for their stores: %s", error)
        connection.close()
        for watched in waiting:
            watched.due = now + RETRY_SECONDS
    return failed


def no_longer_allowed(watchers: Iterable[Watcher]) -> list[Watcher]:
    """Those whose session ended, or who may not see what they watch.

    Two statements, and one more for each feed and user.
    """
    asked = list(watchers)
    if not asked:
        return []
    try:
        with within(DEADLINE_SECONDS):
            connection.close_if_unusable_or_obsolete()
            users = _users({each.visitor.session_key for each in asked})
            answers: dict[object, bool] = {}
            return [each for each in asked if not _is_surely_allowed(each, users, answers)]
    except AWAY as error:
        logger.warning("Whether those who watch still may is asked later: %s", error)
        connection.close()
        return []


def let_go() -> None:
    """Close this thread's connection, while nobody watches."""
    connection.close()


def _could_look_at(watched: Watched, stamp: str, now: float) -> bool:
    try:
        _look_at(watched, stamp, now)
    except AWAY:
        raise
    except Exception:
        logger.exception("The page %s can't be drawn; those who follow it are let go.", watched.feed)
        return False
    return True


def _look_at(watched: Watched, stamp: str, now: float) -> None:
    if watched.scene is not None and watched.feed.run_id and stamp == watched.stamp:
        return
    began = time.thread_time()
    try:
        scene = watched.feed.scene()
    except NotFoundError:
        scene = GONE
    watched.show(scene, stamp, now, cost_seconds=time.thread_time() - began)


def _is_surely_allowed(watcher: Watcher, users: dict[str, User], answers: dict[object, bool]) -> bool:
    try:
        return _is_allowed(watcher, users, answers)
    except AWAY:
        raise
    except Exception:
        logger.exception("Whether one may go on following %s can't be told; they are let go.", watcher.feed)
        return False


def _is_allowed(watcher: Watcher, users: dict[str, User], answers: dict[object, bool]) -> bool:
    user = users.get(watcher.visitor.session_key)
    if user is None or user.pk != watcher.visitor.user_pk:
        return False
    question = (user.pk, watcher.feed)
    if question not in answers:
        answers[question] = watcher.feed.is_open_to(user)
    return answers[question]


def _users(keys: Collection[str]) -> dict[str, User]:
    """Who is logged in with each of these sessions."""
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    sessions = {row.session_key: row.get_decoded() for row in rows}
    known = User.objects.filter(is_active=True).in_bulk([each.get(SESSION_KEY) for each in sessions.values()])
    found = {}
    for key, session in sessions.items():
        user = known.get(int(session.get(SESSION_KEY, 0)))
        hashed = str(session.get(HASH_SESSION_KEY, ""))
        if user is not None and constant_time_compare(hashed, user.get_session_auth_hash()):
            found[key] = user
    return found
