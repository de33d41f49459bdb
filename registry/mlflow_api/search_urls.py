"""The routes that read: runs, experiments, histories."""

from django.urls import URLPattern, path

from .routing import mlflow_route as route
from .views import experiment_search, history, run_search

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
]
