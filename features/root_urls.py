"""Routes for programs outside ``/api/``: the addresses that deployments name."""

from django.urls import URLPattern, path

from features.views import predictions
from registry.api.routing import route

app_name = "serving"
urlpatterns: list[URLPattern] = [
    path("predict/<str:model>", route(POST=predictions.predict), name="predict"),
]
