"""The logged models that a run made, as its page shows them."""

from dataclasses import dataclass

from django.db.models import Count, OuterRef, Prefetch, Subquery, Sum

from registry.enums import Lifecycle
from registry.models import Artifact, ModelVersion, TrainingRun

MOST_MODELS = 100


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A logged model that the run made; ``versions`` such as ``churn 3``."""

    model_id: str
    name: str
    model_type: str
    status: str
    file_count: int
    size_bytes: int
    versions: list[str]


def models_of(run: TrainingRun) -> list[ModelLine]:
    """The newest of the run's logged models first (one statement, two where there are any)."""
    files = Artifact.objects.filter(logged_model=OuterRef("pk")).order_by().values("logged_model")
    versions = ModelVersion.objects.select_related("model").order_by("model__name", "number")
    rows = (
        run.logged_models.filter(lifecycle=Lifecycle.ACTIVE)
        .annotate(
            file_count=Subquery(files.annotate(n=Count("pk")).values("n")),
            size_bytes=Subquery(files.annotate(n=Sum("size_bytes")).values("n")),
        )
        .prefetch_related(Prefetch("versions", versions))
        .order_by("-created_at", "-pk")[:MOST_MODELS]
    )
    return [
        ModelLine(
            model_id=f"m-{row.model_id}",
            name=row.name,
            model_type=row.model_type,
            status=row.status,
            file_count=row.file_count or 0,
            size_bytes=row.size_bytes or 0,
            versions=[f"{version.model.name} {version.number}" for version in row.versions.all()],
        )
        for row in rows
    ]
