"""Bars of commands that know how many there are, on stderr."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def counting_bars(*, is_transient: bool = False) -> Progress:
    """Bars: what, how many of how many, for how long; transient ones vanish at the end."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=is_transient)
