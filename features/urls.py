"""Routes of the API that need more than the record: mounted beside those of ``registry.api``."""

from django.urls import URLPattern, path

from features.views import complete_run, heartbeats, prediction_why
from registry.api.routing import route

app_name = "features"
urlpatterns: list[URLPattern] = [
    path("models/<str:name>/why", route(GET=prediction_why.why), name="prediction-why"),
    path("runs/<str:run_id>/complete", route(GET=complete_run.read), name="run-complete"),
    path("runs/<str:run_id>/heartbeat", route(POST=heartbeats.beat), name="run-heartbeat"),
]
