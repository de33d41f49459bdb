"""MLflow's routes about files: the proxy's, and lists beside runs and logged models."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from registry.api.routing import route_of

from .errors import answer_error
from .part_credentials import part_caller
from .routing import API
from .routing import mlflow_route as route
from .views import artifacts, multipart


class Anything(StringConverter):
    """A path with whatever a client may put there, line breaks, too: the view says what is wrong with it."""

    regex = "(?s:.+)"


register_converter(Anything, "anything")
LISTS: list[URLPattern] = [
    path("artifacts/list", route(GET=artifacts.list_of_run), name="run-artifacts"),
    path(
        "logged-models/<str:model_id>/artifacts/directories",
        route(GET=artifacts.list_of_model),
        name="logged-model-artifacts",
    ),
]
FILE = route(GET=artifacts.download, PUT=artifacts.upload, DELETE=artifacts.delete)
PROXY: list[URLPattern] = [
    path("artifacts", route(GET=artifacts.list_place), name="artifacts"),
    path("artifacts/<anything:artifact_path>", FILE, name="artifact"),
    path("mpu/create/<anything:artifact_path>", route(POST=multipart.create), name="multipart-create"),
    path("mpu/complete/<anything:artifact_path>", route(POST=multipart.complete), name="multipart-complete"),
    path("mpu/abort/<anything:artifact_path>", route(POST=multipart.abort), name="multipart-abort"),
    path(
        "mpu/part/<str:upload_id>/<str:part_number>",
        route_of(part_caller, answer_error, API, PUT=multipart.part),
        name="multipart-part",
    ),
]
