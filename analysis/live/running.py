"""The hub of this process, where the web server started one."""

from .hub import Hub

_running: Hub | None = None


def hub() -> Hub | None:
    """This process's hub; None where the web server can't hand connections over, or its thread has ended."""
    return None if _running is None or _running.has_stopped else _running


def start() -> Hub:
    """Start this process's hub."""
    global _running  # noqa: PLW0603 (one a process)
    _running = Hub()
    return _running


def stop() -> None:
    """Stop it, where there is one."""
    global _running  # noqa: PLW0603 (one a process)
    if _running is not None:
        _running.stop()
        _running = None
