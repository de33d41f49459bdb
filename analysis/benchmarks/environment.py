"""The conditions of a measurement, to be told beside every figure."""

import os
import platform
import statistics
from collections.abc import Sequence
from typing import Any

import django
from django.db import connection


def conditions() -> dict[str, Any]:
    """Machine, versions and load at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (server,) = cursor.fetchone()
    return {
        "cpus": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "django": django.get_version(),
        "postgresql": server,
        "load_average": [round(each, 2) for each in os.getloadavg()],
    }


def percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99 of a sample, in milliseconds."""
    if len(milliseconds) == 1:
        return dict.fromkeys(("p50", "p95", "p99"), milliseconds[0])
    cuts = statistics.quantiles(milliseconds, n=100, method="inclusive")
    return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98]}
