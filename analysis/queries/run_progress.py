"""How the best score grew from run to run."""

from collections.abc import Sequence

from analysis.charts.series import Series
from analysis.queries.run_sample import SampledRun


def progress_series(steps: Sequence[tuple[SampledRun, float]]) -> list[Series]:
    """Each run's score, faint, and the best so far, over seconds since the first; none for fewer than two.

    Args:
        steps: Runs with a score, oldest first, with the best score up to each.
    """
    if len(steps) <= 1:
        return []
    first = steps[0][0].started_at
    seconds = [(run.started_at - first).total_seconds() for run, _ in steps]
    return [
        Series("each run", seconds, [run.score or 0.0 for run, _ in steps], look=0, is_faint=True),
        Series("best so far", seconds, [best for _, best in steps], look=0),
    ]
