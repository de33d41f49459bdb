"""MLflow's routes."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from .routing import mlflow_route as route
from .views import server

app_name = "mlflow"
TRACKING: list[URLPattern] = []
NOWHERE = route(
    GET=server.nowhere, POST=server.nowhere, PUT=server.nowhere, PATCH=server.nowhere, DELETE=server.nowhere
)
REST = r"^(?P<rest>(?s:.*))$"
urlpatterns: list[URLPattern | URLResolver] = [
    path("health", server.health, name="health"),
    path("version", server.version, name="version"),
    path("api/2.0/mlflow/", include(TRACKING)),
    # re_path: an address with a line break or nothing at all ends here, too
    re_path(rf"^api/[23]\.0/{REST[1:]}", NOWHERE, name="nowhere"),
]
