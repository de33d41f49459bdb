"""Progress bars of services that yield how far they are; on stderr, gone when they end."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import TaskID

from registry.archives.progress import Progress

Result = TypeVar("Result")


def shown(steps: Iterable[Progress | Result]) -> Iterator[Result]:
    """Show the progress among the steps, and hand on the rest."""
    with Bar(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}
        for step in steps:
            if not isinstance(step, Progress):
                yield step
                continue
            if step.what not in tasks:
                tasks[step.what] = bar.add_task(step.what)
            bar.update(tasks[step.what], completed=step.done, total=step.total)
