"""Routes for programs outside ``/api/``: the addresses that deployments and Feast's clients name."""

from django.urls import URLPattern, path

from features.server.errors import answer_error
from features.views import feature_server, predictions
from registry.api.routing import route

app_name = "serving"
FEAST: list[URLPattern] = [
    path(
        "get-online-features",
        route(POST=feature_server.read, answer_error=answer_error, api="feast"),
        name="get-online-features",
    ),
]
urlpatterns: list[URLPattern] = [
    *FEAST,
    path("predict/<str:model>", route(POST=predictions.predict, api="predict"), name="predict"),
]
