"""Routes under ``/api/1/``."""

from django.urls import URLPattern, path

from .routing import route
from .views import experiments, run_log, runs, unknown

app_name = "api"
urlpatterns: list[URLPattern] = [
    path("experiments", route(POST=experiments.create), name="experiments"),
    path("experiments/<str:experiment_id>", route(GET=experiments.read), name="experiment"),
    path("runs", route(POST=runs.create), name="runs"),
    path("runs/<str:run_id>", route(GET=runs.read, PATCH=runs.change, DELETE=runs.delete), name="run"),
    path("runs/<str:run_id>/end", route(POST=runs.end), name="run-end"),
    path("runs/<str:run_id>/resume", route(POST=runs.resume), name="run-resume"),
    path("runs/<str:run_id>/restore", route(POST=runs.restore), name="run-restore"),
    path("runs/<str:run_id>/metrics", route(POST=run_log.metrics), name="run-metrics"),
    path("runs/<str:run_id>/epochs", route(POST=run_log.epochs), name="run-epochs"),
    path("runs/<str:run_id>/notes", route(POST=run_log.notes), name="run-notes"),
    path("<path:rest>", route(GET=unknown.nowhere), name="nowhere"),
]
