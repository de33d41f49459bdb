"""The routes that search: runs, experiments, models; and those of histories."""

from django.urls import URLPattern, path

from .routing import mlflow_route as route
from .views import experiment_search, history, model_search, run_search

SEARCHES: list[URLPattern] = [
    path("runs/get", route(GET=run_search.read_one), name="run-get"),
    path("runs/search", route(POST=run_search.search), name="run-search"),
    path(
        "experiments/search",
        route(GET=experiment_search.search, POST=experiment_search.search),
        name="experiment-search",
    ),
    path("metrics/get-history", route(GET=history.read_page), name="metric-history"),
    path("metrics/get-history-bulk", route(GET=history.read_many), name="metric-histories"),
    path(
        "metrics/get-history-bulk-interval",
        route(GET=history.read_sampled),
        name="metric-histories-sampled",
    ),
    path(
        "registered-models/search", route(GET=model_search.registered_models), name="registered-model-search"
    ),
    path("model-versions/search", route(GET=model_search.versions), name="model-version-search"),
    path("logged-models/search", route(POST=model_search.logged_models), name="logged-model-search"),
]
