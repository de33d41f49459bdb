"""A thread that ends calls to PostgreSQL which pass their deadline, whatever holds them up.

libpq waits for an answer without a limit of its own, and a hung server keeps the connection alive.
So at the deadline the watchdog shuts the socket down, and the waiting call fails. A little before, it
asks the server to cancel: a server that is slow but alive then ends the statement, and the connection
stays. One thread a process, asleep while no call is under way.
"""

import contextlib
import os
import socket
import threading
import time
from dataclasses import dataclass, field

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 (a class in lower case)

TICK_SECONDS = 0.05
CANCEL_SHARE = 0.85
CANCEL_FROM_SECONDS = 1.5
CANCEL_WAIT_SECONDS = 0.5
MOST_CANCELLERS = 4  # each waits as long as a hung server does


@dataclass(eq=False, slots=True)
class Watch:
    """One call under way: on which connection, and until when."""

    connection: Connection
    cancel_at: float
    until: float
    dsn: str
    canceller: threading.Thread | None = field(default=None)


class Watchdog:
    """Watches calls; :meth:`watch` and :meth:`release` cost about a microsecond together."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start anew in a forked process, where the thread does not exist."""
        self._watched: set[Watch] = set()
        self._shooting = threading.Lock()
        self._wake = threading.Event()
        self._is_asleep = True
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._cancellers: list[threading.Thread] = []

    def watch(self, connection: Connection, seconds: float, dsn: str = "") -> Watch:
        """Begin to watch a call on a connection; with the DSN, its statement is cancelled before."""
        now = time.monotonic()
        cancel_at = now + (seconds * CANCEL_SHARE if dsn and seconds >= CANCEL_FROM_SECONDS else seconds)
        watch = Watch(connection, cancel_at, now + seconds, dsn)
        # Added before the question, and the thread asks the other way round: no watch is slept through.
        self._watched.add(watch)
        if self._is_asleep:
            self._rouse()
        return watch

    def release(self, watch: Watch) -> bool:
        """End the watch; False where the deadline had passed and the connection is shut."""
        try:
            self._watched.remove(watch)
        except KeyError:
            # The connection may be closed, and its descriptor given away, only when the shot is done.
            with self._shooting:
                return False
        if watch.canceller is not None:
            self._settle(watch)
        return True

    def _settle(self, watch: Watch) -> None:
        """A cancel that is still on its way must not hit the connection's next statement."""
        assert watch.canceller is not None  # noqa: S101 (for the type checker)
        watch.canceller.join(CANCEL_WAIT_SECONDS)
        if watch.canceller.is_alive():
            watch.connection.close()

    def _rouse(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="postgres-watchdog", daemon=True)
                self._thread.start()
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._is_asleep = True
            if not self._watched:
                self._wake.wait()
            self._is_asleep = False
            self._wake.clear()
            quiet_ticks = 0
            while quiet_ticks < 1 / TICK_SECONDS:
                time.sleep(TICK_SECONDS)
                quiet_ticks = 0 if self._watched else quiet_ticks + 1
                self._look()

    def _look(self) -> None:
        now = time.monotonic()
        for watch in list(self._watched):
            if now >= watch.until:
                self._shoot(watch)
            elif now >= watch.cancel_at and watch.canceller is None:
                self._ask_to_cancel(watch)

    def _ask_to_cancel(self, watch: Watch) -> None:
        self._cancellers = [thread for thread in self._cancellers if thread.is_alive()]
        if len(self._cancellers) < MOST_CANCELLERS:
            thread = threading.Thread(target=_cancel, args=(watch.connection, watch.dsn), daemon=True)
            thread.start()
            self._cancellers.append(thread)
            watch.canceller = thread

    def _shoot(self, watch: Watch) -> None:
        with self._shooting:
            try:
                self._watched.remove(watch)
            except KeyError:
                return
            # psycopg2 refuses the descriptor of a connection that was closed meanwhile.
            with contextlib.suppress(OSError, psycopg2.Error):
                shut_down(watch.connection.fileno())


def shut_down(descriptor: int) -> None:
    """End a socket for both sides; whoever waits on it is told so. The descriptor stays its owner's."""
    with socket.socket(fileno=os.dup(descriptor)) as double:
        double.shutdown(socket.SHUT_RDWR)


def _cancel(connection: Connection, dsn: str) -> None:
    """Ask over a connection of its own: ``connection.cancel()`` holds the GIL while the server hangs."""
    with contextlib.suppress(psycopg2.Error):
        other = psycopg2.connect(f"{dsn} connect_timeout=1", options="-c statement_timeout=1000")
        watch = WATCHDOG.watch(other, CANCEL_WAIT_SECONDS)
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_cancel_backend(%s)", [connection.info.backend_pid])
        finally:
            WATCHDOG.release(watch)
            other.close()


WATCHDOG = Watchdog()
os.register_at_fork(after_in_child=WATCHDOG.reset)
