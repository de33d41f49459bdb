"""MLflow's routes."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from .artifact_urls import LISTS, PROXY
from .model_urls import MODELS
from .routing import mlflow_route as route
from .search_urls import SEARCHES
from .views import experiments, run_inputs, run_log, runs, server

app_name = "mlflow"
EXPERIMENTS: list[URLPattern] = [
    path("experiments/create", route(POST=experiments.create), name="experiment-create"),
    path("experiments/get", route(GET=experiments.read_one), name="experiment-get"),
    path("experiments/get-by-name", route(GET=experiments.read_by_name), name="experiment-get-by-name"),
    path("experiments/update", route(POST=experiments.update), name="experiment-update"),
    path("experiments/delete", route(POST=experiments.delete), name="experiment-delete"),
    path("experiments/restore", route(POST=experiments.restore), name="experiment-restore"),
    path("experiments/set-experiment-tag", route(POST=experiments.set_tag), name="experiment-set-tag"),
    path(
        "experiments/delete-experiment-tag", route(POST=experiments.delete_tag), name="experiment-delete-tag"
    ),
]
RUNS: list[URLPattern] = [
    path("runs/create", route(POST=runs.create), name="run-create"),
    path("runs/update", route(POST=runs.update), name="run-update"),
    path("runs/delete", route(POST=runs.delete), name="run-delete"),
    path("runs/restore", route(POST=runs.restore), name="run-restore"),
    path("runs/log-metric", route(POST=run_log.metric), name="run-log-metric"),
    path("runs/log-batch", route(POST=run_log.batch), name="run-log-batch"),
    path("runs/log-parameter", route(POST=run_log.param), name="run-log-parameter"),
    path("runs/set-tag", route(POST=run_log.set_tag), name="run-set-tag"),
    path("runs/log-inputs", route(POST=run_inputs.write), name="run-log-inputs"),
    path("runs/delete-tag", route(POST=run_log.delete_tag), name="run-delete-tag"),
]
NOWHERE = route(
    GET=server.nowhere, POST=server.nowhere, PUT=server.nowhere, PATCH=server.nowhere, DELETE=server.nowhere
)
REST = r"^(?P<rest>(?s:.*))$"
urlpatterns: list[URLPattern | URLResolver] = [
    path("health", server.health, name="health"),
    path("version", server.version, name="version"),
    path("api/3.0/mlflow/server-info", route(GET=server.info), name="server-info"),
    path("api/2.0/mlflow/", include(EXPERIMENTS + RUNS + SEARCHES + MODELS + LISTS)),
    path("api/2.0/mlflow-artifacts/", include(PROXY)),
    # re_path: an address with a line break or nothing at all ends here, too
    re_path(rf"^api/[234]\.0/{REST[1:]}", NOWHERE, name="nowhere"),
]
