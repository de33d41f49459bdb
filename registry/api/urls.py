"""Routes under ``/api/1/``."""

from django.urls import URLPattern, path, re_path

from .routing import route
from .views import (
    artifacts,
    datasets,
    experiments,
    models,
    permissions,
    run_log,
    runs,
    sagas,
    tokens,
    unknown,
)

app_name = "api"
RUN = "runs/<str:run_id>"
PERMISSIONS = "experiments/<str:experiment_id>/permissions"
urlpatterns: list[URLPattern] = [
    path("experiments", route(POST=experiments.create), name="experiments"),
    path("experiments/<str:experiment_id>", route(GET=experiments.read), name="experiment"),
    path(
        "experiments/<str:experiment_id>/purge",
        route(POST=sagas.purge_experiment),
        name="experiment-purge",
    ),
    path(PERMISSIONS, route(GET=permissions.listing), name="permissions"),
    path(
        f"{PERMISSIONS}/<str:username>",
        route(PUT=permissions.grant, DELETE=permissions.revoke),
        name="permission",
    ),
    path("runs", route(POST=runs.create), name="runs"),
    path(RUN, route(GET=runs.read, PATCH=runs.change, DELETE=runs.delete), name="run"),
    path(f"{RUN}/purge", route(POST=sagas.purge_run), name="run-purge"),
    path(f"{RUN}/end", route(POST=runs.end), name="run-end"),
    path(f"{RUN}/resume", route(POST=runs.resume), name="run-resume"),
    path(f"{RUN}/restore", route(POST=runs.restore), name="run-restore"),
    path(f"{RUN}/metrics", route(POST=run_log.metrics), name="run-metrics"),
    path(f"{RUN}/epochs", route(POST=run_log.epochs), name="run-epochs"),
    path(f"{RUN}/notes", route(GET=run_log.note_list, POST=run_log.notes), name="run-notes"),
    path(f"{RUN}/artifacts/<path:path>", route(GET=artifacts.read, PUT=artifacts.write), name="artifact"),
    path("datasets", route(POST=datasets.create), name="datasets"),
    path("datasets/<path:name>/purge", route(POST=sagas.purge_dataset), name="dataset-purge"),
    path("deployments", route(POST=sagas.deploy), name="deployments"),
    path("sagas/<str:saga_id>", route(GET=sagas.read), name="saga"),
    path("models", route(POST=models.create), name="models"),
    path("models/<str:name>/versions", route(POST=models.create_version), name="model-versions"),
    path("models/<str:name>/aliases/<str:alias>", route(PUT=models.point_alias), name="model-alias"),
    path("tokens", route(GET=tokens.listing, POST=tokens.issue), name="tokens"),
    path("tokens/<path:name>", route(DELETE=tokens.revoke), name="token"),
    # re_path: an address with a line break or nothing at all ends here, too
    re_path(r"^(?P<rest>(?s:.*))$", route(GET=unknown.nowhere), name="nowhere"),
]
