"""Routes for programs outside ``/api/``: the addresses that deployments and Feast's clients name."""

from django.urls import URLPattern, path

from features.server.routing import feast_route
from features.views import feature_server, predictions
from registry.api.routing import route

app_name = "serving"
FEAST: list[URLPattern] = [
    path("get-online-features", feast_route(POST=feature_server.read), name="get-online-features"),
    path("push", feast_route(POST=feature_server.push), name="push"),
    path("write-to-online-store", feast_route(POST=feature_server.write), name="write-to-online-store"),
]
urlpatterns: list[URLPattern] = [
    *FEAST,
    path("predict/<str:model>", route(POST=predictions.predict, api="predict"), name="predict"),
]
