"""What captured rows are about: they carry PostgreSQL's own keys."""

from collections.abc import Collection

from registry.models import Deployment, TrainingRun

CHUNK = 10_000


def run_ids_of(primary_keys: Collection[int]) -> set[str]:
    """The public ids of runs; those that are gone are not in it (one statement for 10,000)."""
    wanted = sorted(primary_keys)
    found: set[str] = set()
    for start in range(0, len(wanted), CHUNK):
        rows = TrainingRun.objects.filter(pk__in=wanted[start : start + CHUNK]).order_by()
        found.update(str(run_id) for run_id in rows.values_list("run_id", flat=True))
    return found


def all_deployments() -> list[str]:
    """The ids of all deployments."""
    rows = Deployment.objects.order_by().values_list("deployment_id", flat=True)
    return [str(deployment_id) for deployment_id in rows]
