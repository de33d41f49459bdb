"""One thread of a web process that serves all who follow a page there.

A watcher costs a socket and no thread. A bell from Redis makes it look into PostgreSQL, once for all who
watch the same; it looks by itself each ``SWEEP_SECONDS``, so that no lost bell and no Redis leaves a gap.
"""

import logging
import queue
import selectors
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import Final

from . import looking
from .bells import Bells
from .scene import Feed
from .watched import Watched
from .watcher import BEAT, Visitor, Watcher

MOST_WATCHERS: Final = 200
MOST_OF_ONE_USER: Final = 100
SWEEP_SECONDS, SWEEP_WITHOUT_BELLS_SECONDS = 2.0, 1.0
BEAT_SECONDS, RECHECK_SECONDS = 15.0, 30.0
STOP_SECONDS = 2.0
PAUSE_SECONDS: Final = 0.1
logger = logging.getLogger(__name__)


class Hub:
    """Serves watchers until it is stopped; ``most`` at a time, and so many ``of_one`` user."""

    def __init__(self, *, most: int = MOST_WATCHERS, of_one: int = MOST_OF_ONE_USER) -> None:
        self._most, self._of_one = most, of_one
        self._by_user: Counter[int] = Counter()
        self._arrivals: queue.SimpleQueue[Watcher] = queue.SimpleQueue()
        self._watched: dict[Feed, Watched] = {}
        self._watchers: set[Watcher] = set()
        self._selector = selectors.DefaultSelector()
        self._bells = Bells(self._selector)
        self._wake, self._waker = socket.socketpair()
        self._wake.setblocking(False)
        self._waker.setblocking(False)
        self._is_stopping = self._has_stopped = False
        self._sweep_at = self._beat_at = self._recheck_at = 0.0
        self._thread = threading.Thread(target=self._run, name="live-hub", daemon=True)
        self._thread.start()

    def is_full(self, user_pk: int) -> bool:
        """Whether no more watchers are taken, from this user or from anyone."""
        return self.watcher_count >= self._most or self._by_user[user_pk] >= self._of_one

    @property
    def has_stopped(self) -> bool:
        """Whether it serves nobody any more."""
        return self._has_stopped or not self._thread.is_alive()

    @property
    def watcher_count(self) -> int:
        """How many watch, or are about to."""
        return len(self._watchers) + self._arrivals.qsize()

    def admit(
        self, sock: socket.socket, *, feed: Feed, visitor: Visitor, seen: str, is_chunked: bool
    ) -> None:
        """Take a connection whose answer has begun; from any thread.

        Args:
            seen: the mark of the scene that the browser shows.
            is_chunked: whether the answer's body goes in chunks (HTTP/1.1).
        """
        self._arrivals.put(Watcher(sock, feed, visitor, seen, is_chunked=is_chunked))
        self._rouse()
        if self._has_stopped:
            self._turn_away()

    def stop(self) -> None:
        """End all streams and the thread; browsers come back, to another process."""
        self._is_stopping = True
        self._rouse()
        self._thread.join(STOP_SECONDS)

    def _turn_away(self) -> None:
        with suppress(queue.Empty):
            while True:
                self._arrivals.get_nowait().close()

    def _rouse(self) -> None:
        with suppress(OSError):  # full: it is roused already; closed: it has stopped
            self._waker.send(b"\0")

    def _run(self) -> None:
        self._selector.register(self._wake, selectors.EVENT_READ, None)
        try:
            while not self._is_stopping:
                self._turn_safely()
        finally:
            self._has_stopped = True
            self._turn_away()
            self._drop_all()
            self._rest()
            for each in (self._selector, self._wake, self._waker):
                each.close()

    def _turn_safely(self) -> None:
        try:
            self._turn()
        except Exception:
            logger.exception("Those who follow pages are let go; their browsers come back.")
            self._drop_all()
            time.sleep(PAUSE_SECONDS)  # what fails each time shall not keep a processor busy

    def _turn(self) -> None:
        for key, mask in self._selector.select(self._seconds_to_wait()):
            if key.fileobj is self._wake:
                self._wake.recv(4_096)
            elif isinstance(key.data, Watcher):
                self._serve(key.data, mask)
        now = time.monotonic()
        self._take_arrivals(now)
        for bell in self._bells.heard({each.feed.bell for each in self._watched.values()}, now):
            for watched in self._watched.values():
                if watched.feed.bell == bell:
                    watched.ring(now, again_after=looking.AGAIN_SECONDS)
        self._do_what_is_due(now)
        self._look(now)
        for watcher in [each for each in self._watchers if each.is_gone or each.is_stuck(now)]:
            self._drop(watcher)
        self._end_what_is_over()

    def _seconds_to_wait(self) -> float | None:
        if not self._watchers:
            return None
        due = min(self._sweep_at, *(each.due for each in self._watched.values()))
        return max(0.0, due - time.monotonic())

    def _serve(self, watcher: Watcher, mask: int) -> None:
        now = time.monotonic()
        if mask & selectors.EVENT_READ:
            watcher.read()
        if mask & selectors.EVENT_WRITE:
            watcher.write(now)
            scene = self._watched[watcher.feed].scene
            if scene is not None:
                watcher.show(scene, now)
        self._listen(watcher)

    def _listen(self, watcher: Watcher) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if watcher.is_sending else 0)
        if self._selector.get_key(watcher.sock).events != events:
            self._selector.modify(watcher.sock, events, watcher)

    def _take_arrivals(self, now: float) -> None:
        with suppress(queue.Empty):
            while True:
                watcher = self._arrivals.get_nowait()
                if not self._watchers:  # nobody looked for a while
                    self._beat_at, self._recheck_at = now + BEAT_SECONDS, now + RECHECK_SECONDS
                try:
                    self._selector.register(watcher.sock, selectors.EVENT_READ, watcher)
                except (KeyError, ValueError, OSError):
                    logger.exception("A connection can't be listened to; it is let go.")
                    watcher.close()
                    continue
                self._watchers.add(watcher)
                self._by_user[watcher.visitor.user_pk] += 1
                watched = self._watched.setdefault(watcher.feed, Watched(watcher.feed))
                watched.watchers.add(watcher)
                watched.ring(now, again_after=0.0)
                if watched.scene is not None:
                    watcher.show(watched.scene, now)

    def _do_what_is_due(self, now: float) -> None:
        if now >= self._sweep_at:
            is_heard = self._bells.are_heard
            self._sweep_at = now + (SWEEP_SECONDS if is_heard else SWEEP_WITHOUT_BELLS_SECONDS)
            for watched in self._watched.values():
                watched.sweep(now)
        if now >= self._recheck_at:
            self._recheck_at = now + RECHECK_SECONDS
            for watcher in looking.no_longer_allowed(self._watchers):
                self._drop(watcher)
        if now >= self._beat_at:
            self._beat_at = now + BEAT_SECONDS
            for watcher in self._watchers:
                watcher.send(BEAT, now)

    def _look(self, now: float) -> None:
        due = [each for each in self._watched.values() if each.due <= now]
        for watched in looking.look(due, now) if due else ():
            for watcher in list(watched.watchers):
                self._drop(watcher)

    def _end_what_is_over(self) -> None:
        for watcher in list(self._watchers):
            if watcher.is_gone or (watcher.is_done and not watcher.is_sending):
                self._drop(watcher)
            else:
                self._listen(watcher)

    def _drop(self, watcher: Watcher) -> None:
        if watcher not in self._watchers:
            return
        self._watchers.remove(watcher)
        self._by_user -= Counter([watcher.visitor.user_pk])
        with suppress(KeyError, ValueError):  # it may not be registered, after an error
            self._selector.unregister(watcher.sock)
        watcher.close()
        watched = self._watched.get(watcher.feed)
        if watched is not None:
            watched.watchers.discard(watcher)
            if not watched.watchers:
                del self._watched[watcher.feed]
        if not self._watchers:
            self._rest()

    def _drop_all(self) -> None:
        """Let all go, whatever state an error left them in."""
        for watcher in list(self._watchers):
            try:
                self._drop(watcher)
            except Exception:
                logger.exception("A connection could not be let go properly.")
        self._watched.clear()

    def _rest(self) -> None:
        """Hold no connection to a store while nobody watches; one that is broken is held no more."""
        for let_go in (self._bells.close, looking.let_go):
            try:
                let_go()
            except Exception:
                logger.exception("A store's connection could not be shut properly.")
