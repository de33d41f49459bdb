"""The same work in several threads at once."""

import threading
from collections.abc import Callable

from django.db import connections


def side_by_side(work: Callable[[], object], times: int) -> None:
    """Start the work in threads that wait for one another; an error in one fails the test."""
    start = threading.Barrier(times, timeout=10)

    def run() -> None:
        try:
            start.wait()
            work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
