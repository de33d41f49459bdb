"""Routes of logged models and of the model registry."""

from django.urls import URLPattern, path

from .routing import mlflow_route as route
from .views import logged_models, model_versions, registered_models, run_models

LOGGED: list[URLPattern] = [
    path("runs/outputs", route(POST=run_models.log_outputs), name="run-outputs"),
    path("runs/log-model", route(POST=run_models.log_model), name="run-log-model"),
    path("logged-models", route(POST=logged_models.create), name="logged-models"),
    path(
        "logged-models/<str:model_id>",
        route(GET=logged_models.read_one, PATCH=logged_models.finalize, DELETE=logged_models.delete),
        name="logged-model",
    ),
    path(
        "logged-models/<str:model_id>/params",
        route(POST=logged_models.log_params),
        name="logged-model-params",
    ),
    path("logged-models/<str:model_id>/tags", route(PATCH=logged_models.set_tags), name="logged-model-tags"),
    path(
        "logged-models/<str:model_id>/tags/<path:key>",
        route(DELETE=logged_models.delete_tag),
        name="logged-model-tag",
    ),
]
REGISTERED: list[URLPattern] = [
    path(f"registered-models/{name}", route(**methods), name=f"registered-model-{name}")
    for name, methods in {
        "create": {"POST": registered_models.create},
        "get": {"GET": registered_models.read_one},
        "rename": {"POST": registered_models.rename},
        "update": {"PATCH": registered_models.update},
        "delete": {"DELETE": registered_models.delete},
        "get-latest-versions": {
            "GET": registered_models.latest_versions,
            "POST": registered_models.latest_versions,
        },
        "set-tag": {"POST": registered_models.set_tag},
        "delete-tag": {"DELETE": registered_models.delete_tag},
        "alias": {
            "GET": registered_models.aliased_version,
            "POST": registered_models.point_alias,
            "DELETE": registered_models.drop_alias,
        },
    }.items()
]
VERSIONS: list[URLPattern] = [
    path(f"model-versions/{name}", route(**methods), name=f"model-version-{name}")
    for name, methods in {
        "create": {"POST": model_versions.create},
        "get": {"GET": model_versions.read_one},
        "get-download-uri": {"GET": model_versions.read_download_uri},
        "update": {"PATCH": model_versions.update},
        "transition-stage": {"POST": model_versions.transition},
        "delete": {"DELETE": model_versions.delete},
        "set-tag": {"POST": model_versions.set_tag},
        "delete-tag": {"DELETE": model_versions.delete_tag},
    }.items()
]
MODELS = LOGGED + REGISTERED + VERSIONS
