"""The metrics of a run as its table shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.queries.metric_curves import Floats, MetricCurve
from registry.models import Metric


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric's figures, and its curve for a sparkline (empty for a single value)."""

    key: str
    last: float
    last_step: int
    lowest: float | None
    highest: float | None
    point_count: int
    values: Floats


def metric_rows(metrics: Sequence[Metric], curves: Sequence[MetricCurve]) -> list[MetricRow]:
    """Each metric with its curve, empty where its points are gone."""
    values = {curve.key: curve.values for curve in curves}
    nothing = np.empty(0)
    return [
        MetricRow(
            key=metric.key,
            last=metric.latest_value,
            last_step=metric.latest_step,
            lowest=metric.min_value,
            highest=metric.max_value,
            point_count=values.get(metric.key, nothing).size,
            values=values.get(metric.key, nothing),
        )
        for metric in metrics
    ]
