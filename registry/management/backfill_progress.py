"""Drawing a backfill's progress: a bar a stage, with its speed, on standard error."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.progress import MofNCompleteColumn, ProgressColumn, Task, TaskID
from rich.progress import Progress as Bar
from rich.text import Text

from registry.sync.backfill_check import Progress
from registry.sync.backfill_runs import Resumed


class Speed(ProgressColumn):
    """Steps a second."""

    def render(self, task: Task) -> Text:
        """The speed of the last half minute."""
        return Text(f"{task.speed or 0:,.0f}/s", style="progress.data.speed")


def last_of(steps: Iterator[Any]) -> Any:
    """Draw steps as they come; returns the last, which is the outcome."""
    console = Console(stderr=True)
    outcome = None
    with Bar(*Bar.get_default_columns(), MofNCompleteColumn(), Speed(), console=console) as bar:
        tasks: dict[str, TaskID] = {}
        for step in steps:
            if isinstance(step, Resumed):
                console.print(
                    f"Going on where the walk of {step.started_at:%Y-%m-%d %H:%M} was cut off:"
                    f" {step.looked_at:,} of {step.total:,} runs were done."
                )
                tasks["Bodies"] = bar.add_task("Bodies", completed=step.looked_at, total=step.total)
            elif isinstance(step, Progress):
                if step.stage not in tasks:
                    tasks[step.stage] = bar.add_task(step.stage)
                bar.update(tasks[step.stage], completed=step.done, total=step.total)
            else:
                outcome = step
    return outcome
