"""Every page of the site with an example address; a route without one fails the smoke test."""

from collections.abc import Callable, Iterator

from django.contrib import admin
from django.db.models import QuerySet
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from features.models import Customer, Onboarding, Viewer
from registry.enums import RunStatus
from registry.models import (
    Artifact,
    Dataset,
    Experiment,
    Import,
    ModelVersion,
    RegisteredModel,
    Saga,
    TrainingRun,
)
from registry.queries.version_files import version_files

NEEDS_NO_LOGIN = {"livez", "readyz", "login", "mlflow:health", "mlflow:version"}
NOT_ASKED = {
    "logout": "takes POST only",
    "analysis:run-actions": "takes POST only",
    "analysis:run-views": "takes POST only",
    "analysis:leaderboard-live": "goes on until one leaves",
    "analysis:activity-live": "goes on until one leaves",
    "analysis:workers-live": "goes on until one leaves",
    "api:nowhere": "answers 404",
    "analysis:experiment-description": "takes POST only",
    "analysis:experiment-lifecycle": "takes POST only",
    **dict.fromkeys(
        (
            "api:experiments", "api:runs", "api:run-end", "api:run-resume", "api:run-restore",
            "api:run-metrics", "features:run-heartbeat", "features:customers", "features:events",
            "api:run-epochs",
            "api:datasets", "api:models", "api:model-versions", "api:model-alias",
            "api:permission", "api:token",
            "api:run-purge", "api:experiment-purge", "api:dataset-purge", "api:deployments",
            "analysis:model-describe", "analysis:model-alias", "analysis:model-alias-removal",
            "analysis:model-promotion", "analysis:model-retirement", "analysis:model-stage",
            "serving:predict", "serving:get-online-features", "serving:push", "serving:write-to-online-store",
        ),
        "is there for writing",
    ),
}  # fmt: skip


def _run() -> list[str]:
    runs = TrainingRun.objects.order_by("pk")
    return [reverse("analysis:run-detail", args=[run.run_id]) for run in (runs.first(), runs.last()) if run]


def _live() -> list[str]:
    run = TrainingRun.objects.filter(status=RunStatus.FINISHED).first()
    return [reverse("analysis:run-live", args=[run.run_id])] if run else []


def _artifacts() -> list[str]:
    found = _of_runs().values_list("run__run_id", "path")[:5]
    return [reverse("analysis:run-artifact", args=[*each]) for each in found]


def _comparison() -> list[str]:
    ids = TrainingRun.objects.order_by("pk").values_list("run_id", flat=True)[:20]
    chosen = ["/compare/?" + "&".join(f"run={run_id}" for run_id in ids[:count]) for count in (2, 20)]
    return ["/compare/", *chosen] if ids else ["/compare/"]


def _compared_curves() -> list[str]:
    return [address.replace("/compare/", "/compare/curves.json") for address in _comparison()]


def _of_runs() -> QuerySet[Artifact]:
    return Artifact.objects.filter(run__isnull=False).order_by("run", "path")


def _features() -> list[str]:
    known = Customer.objects.order_by("customer_id").values_list("customer_id", flat=True)[:1]
    return ["/features/", *(f"/features/?entity=customer&customer_id={key}" for key in known)]


def _of_churn(*addresses: str) -> list[str]:
    return [*addresses] if RegisteredModel.objects.filter(name="customer-churn").exists() else []


def _version_file() -> list[str]:
    version = ModelVersion.objects.filter(model__name="customer-churn").first()
    file = version_files(version).first() if version else None
    return (
        [reverse("analysis:version-file", args=["customer-churn", version.number, file.path])]
        if version and file
        else []
    )


def _windows() -> list[str]:
    is_there = Dataset.objects.filter(name="digits-images").exists()
    return ["/windows/", *(["/windows/?dataset=digits-images&start=24"] if is_there else [])]


def _of_a_run(name: str) -> list[str]:
    run = TrainingRun.objects.order_by("pk").first()
    return [reverse(name, args=[run.run_id])] if run else []


def _of_an_experiment(name: str) -> list[str]:
    experiment = Experiment.objects.order_by("pk").first()
    return [reverse(name, args=[experiment.experiment_id])] if experiment else []


def _datasets() -> list[str]:
    names = Dataset.objects.order_by("name").values_list("name", flat=True)
    return [reverse("analysis:dataset-detail", args=[name]) for name in names]


def _import() -> list[str]:
    found = Import.objects.order_by("pk").first()
    return [reverse("analysis:store-move-import", args=[found.pk])] if found else []


def _api_saga() -> list[str]:
    saga = Saga.objects.order_by("pk").first()
    return [reverse("api:saga", args=[saga.saga_id])] if saga else []


def _api_onboarding() -> list[str]:
    onboarding = Onboarding.objects.order_by("pk").first()
    return [reverse("features:onboarding", args=[onboarding.onboarding_id])] if onboarding else []


def _api_profile() -> list[str]:
    """Of one whose answer is there: the others are answered 202."""
    found = Customer.objects.filter(profile_request__state="ready").order_by("pk").first()
    return [reverse("features:customer-profile", args=[found.customer_id])] if found else []


def _api_artifact() -> list[str]:
    found = _of_runs().values_list("run__run_id", "path")[:1]
    return [reverse("api:artifact", args=[*each]) for each in found]


EXAMPLES: dict[str, Callable[[], list[str]]] = {
    "livez": lambda: ["/livez"],
    "readyz": lambda: ["/readyz"],
    "login": lambda: ["/login/"],
    "mlflow:health": lambda: ["/health"],
    "mlflow:version": lambda: ["/version"],
    "analysis:store-overview": lambda: ["/"],
    "analysis:feature-lookup": _features,
    "analysis:prediction-why": lambda: _of_churn(
        "/models/customer-churn/why/", "/models/customer-churn/why/?customer_id=00001"
    ),
    "analysis:model-list": lambda: ["/models/", "/models/?q=churn", "/models/?q=name+LIKE+'customer%25'"],
    "analysis:registered-model": lambda: _of_churn("/models/customer-churn/"),
    "analysis:model-version": lambda: _of_churn("/models/customer-churn/versions/1/"),
    "analysis:version-file": _version_file,
    "features:prediction-why": lambda: _of_churn("/api/1/models/customer-churn/why?customer_id=00001"),
    "analysis:run-list": lambda: [
        "/runs/",
        "/runs/?status=FINISHED&filter=metrics.accuracy.max+%3E+0.5+OR+loss+IS+NULL&sort=-metrics.accuracy",
    ],
    "analysis:run-export": lambda: ["/runs/export?format=csv", "/runs/export?format=parquet"],
    "analysis:run-detail": _run,
    "analysis:run-comparison": _comparison,
    "analysis:comparison-curves": _compared_curves,
    "analysis:experiment-list": lambda: ["/experiments/", "/experiments/?view=all&q=name+LIKE+'%25'"],
    "analysis:experiment-detail": lambda: _of_an_experiment("analysis:experiment-detail"),
    "analysis:search": lambda: ["/search/", "/search/?q=forest", "/search/?q=metrics.loss+%3C+1"],
    "analysis:activity": lambda: ["/activity/"],
    "analysis:customer-list": lambda: ["/customers/", "/customers/?segment=vip&sort=spent"],
    "analysis:customer-detail": lambda: ["/customers/00001/"] if Customer.objects.exists() else [],
    "analysis:recommendations": lambda: [
        "/recommendations/",
        *(["/recommendations/?viewer=1"] if Viewer.objects.exists() else []),
    ],
    "analysis:dataset-list": lambda: ["/datasets/", "/datasets/?q=wine&sort=largest"],
    "analysis:dataset-detail": _datasets,
    "analysis:windows": _windows,
    "analysis:stores": lambda: ["/stores/"],
    "analysis:store-chooser": lambda: [
        "/stores/choose/",
        "/stores/choose/?shape=rows&access=joins&access=key",
    ],
    "analysis:store-benchmark": lambda: ["/stores/benchmark/"],
    "analysis:store-moves": lambda: ["/stores/moves/"],
    "analysis:store-move-import": _import,
    "analysis:leaderboard": lambda: ["/leaderboards/", "/leaderboards/?dataset=wine&metric=loss"],
    "analysis:workers": lambda: ["/workers/"],
    "analysis:run-live": _live,
    "analysis:run-artifact": _artifacts,
    "api:run": lambda: _of_a_run("api:run"),
    "api:run-notes": lambda: _of_a_run("api:run-notes"),
    "features:run-complete": lambda: _of_a_run("features:run-complete"),
    "api:artifact": _api_artifact,
    "api:experiment": lambda: _of_an_experiment("api:experiment"),
    "api:permissions": lambda: _of_an_experiment("api:permissions"),
    "api:tokens": lambda: ["/api/1/tokens"],
    "api:saga": _api_saga,
    "features:onboarding": _api_onboarding,
    "features:customer-profile": _api_profile,
}


def route_names() -> list[str]:
    """The names of all routes outside the admin."""
    return sorted(
        {name for name in _names(get_resolver().url_patterns, "") if name in EXAMPLES or not _is_mlflow(name)}
    )


def _is_mlflow(name: str) -> bool:
    """MLflow's routes are asked by MLflow's own client: ``make mlflow``."""
    return name.startswith("mlflow:")


def admin_paths() -> Iterator[str]:
    """The admin's index, each list, and the first object of each list."""
    yield reverse("admin:index")
    for model in admin.site._registry:  # noqa: SLF001 (the admin has no public list of its models)
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        first = model._default_manager.first() if model._meta.managed else None
        if first is not None:
            yield reverse(f"{name}_change", args=[first.pk])


def _names(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
                yield from _names(pattern.url_patterns, inner)
        else:
            yield f"{prefix}{pattern.name}"
