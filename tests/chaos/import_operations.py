"""What a child does for the tests of imports: import, take back, and tell what is where."""

from pathlib import Path
from typing import Any

from django.db import connection

from registry.documents.connection import collection
from registry.imports import writing
from registry.imports.report import ImportReport
from registry.imports.service import import_source
from registry.imports.sqlite.source import SqliteSource
from registry.imports.terms import Terms
from registry.imports.undo import undo_import
from registry.models import Artifact, Experiment, Import, ImportedItem, MetricPoint, Saga, TrainingRun
from registry.sync import saga_engine
from registry.sync.reconcile.service import reconcile
from registry.sync.relay import drain

WHOLE = """
SELECT count(*) FROM registry_trainingrun r
WHERE (SELECT count(*) FROM registry_param WHERE run_id = r.id) = 1
    AND (SELECT count(*) FROM registry_artifact WHERE run_id = r.id) = 1
    AND (SELECT count(*) FROM registry_metricpoint p JOIN registry_metric m ON m.id = p.metric_id
         WHERE m.run_id = r.id) = 3
    AND (SELECT count(*) FROM registry_bodypart WHERE owner_id = replace(r.run_id::text, '-', '')) > 0
    AND (SELECT count(*) FROM registry_importeditem WHERE our_id = replace(r.run_id::text, '-', '')) > 0
"""


def bring(path: str) -> dict[str, Any]:
    """Import the database, twenty runs a transaction."""
    writing.MOST_RUNS = 20
    *_, report = import_source(SqliteSource(Path(path)), terms=Terms())
    assert isinstance(report, ImportReport)
    return {"problems": [problem.cause for problem in report.problems], "imported": report.imported}


def take_back() -> dict[str, Any]:
    """Undo the import that stands; or go on with the saga that does."""
    saga = Saga.objects.filter(kind="import.undo", state="running").first()
    if saga is not None:
        saga_engine.resume(saga.saga_id)
    else:
        undo_import(Import.objects.exclude(state="undone").get().pk)
    return told()


def told() -> dict[str, Any]:
    """How many runs there are, how many of them are whole, and what has come apart."""
    drain()
    with connection.cursor() as cursor:
        cursor.execute(WHOLE)
        whole = cursor.fetchone()[0]
    *_, report = reconcile(repair=False)
    return {
        "runs": TrainingRun.objects.count(),
        "whole": whole,
        "items": ImportedItem.objects.filter(kind="run", imported_by__state__in=["running", "done"]).count(),
        "points": MetricPoint.objects.count(),
        "files": Artifact.objects.count(),
        "experiments": Experiment.objects.count(),
        "documents": collection("runs").count_documents({"deleted": {"$ne": True}}),
        "drift": [finding["subject"] for finding in report.result["findings"]],
        "states": sorted(Import.objects.values_list("state", flat=True)),
    }


IMPORT_OPERATIONS = {"import_bring": bring, "import_take_back": take_back, "import_told": told}
