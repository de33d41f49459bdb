"""How each route is asked so that who may, can."""

import re
from typing import Any
from urllib.parse import urlencode

from django.apps import apps

from .mlflow import artifact_path, fields_of, upload_id
from .walking import Found
from .world import World

PUSHED = {"customer_id": ["1"], "amount": [1.5], "event_timestamp": ["2026-01-01T00:00:00Z"]}
METRIC = {"key": "loss", "value": 0.5, "step": 1, "timestamp_ms": 1}
BODIES: dict[str, Any] = {
    "POST api:experiments": {"name": "new"},
    "PUT api:permission": {"level": "EDIT"},
    "POST api:runs": {"experiment": "e"},
    "PATCH api:run": {"params": {"lr": 0.1}, "tags": {"a": "b"}},
    "POST serving:predict": {"version": 1, "instances": [[0.5]]},
    "POST serving:push": {"push_source_name": "spending", "df": PUSHED},
    "POST serving:write-to-online-store": {"feature_view_name": "spending", "df": PUSHED},
    "POST serving:get-online-features": {
        "features": ["spending:amount"],
        "entities": {"customer_id": ["1"]},
    },
    "POST api:run-end": {"status": "FAILED"},
    "POST api:run-metrics": {"metrics": [METRIC]},
    "POST api:run-epochs": {"epoch": 1, "metrics": {"loss": 0.5}},
    "POST features:customers": {
        "name": "Ada Lima",
        "email": "ada@example.com",
        "city": "Lyon",
        "country": "FR",
    },
    "POST features:events": {"events": [{"kind": "search", "data": {"words": "blue"}}]},
    "POST features:run-heartbeat": {"host": "gpu-1", "pid": 7},
    "POST api:run-notes": {"text": "good"},
    "PUT api:artifact": b"other bytes",
    "POST api:datasets": {"name": "new", "digest": "abc"},
    "POST api:models": {"name": "new"},
    "PUT api:model-alias": {"version": 1},
    "POST api:deployments": {"model": "m", "version": 1, "environment": "production"},
    "POST api:tokens": {"name": "new", "scopes": ["read"]},
    "POST analysis:model-describe": {"description": "new"},
    "POST analysis:model-alias": {"alias": "new", "version": 1},
    "POST analysis:model-alias-removal": {"alias": "champion"},
    "POST analysis:model-promotion": {"version": 1, "environment": "production", "replaces": 0},
    "POST analysis:model-stage": {"version": 1, "stage": "Staging"},
}
# No version of the world is live.
VERSION_1 = {"version": 1, "customer_id": "a"}
QUERIES = {"features:prediction-why": VERSION_1, "analysis:prediction-why": VERSION_1}
NAMES = {"api:token": "test", "api:dataset-purge": "unused", "analysis:dataset-detail": "unused"}
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
# Patterns written as regular expressions, with an address that they take.
REGULAR = {
    "admin/(?P<url>.*)$": "admin/nothing/here",
    "^api/[234]\\.0/(?P<rest>(?s:.*))$": "api/2.0/nothing/here",
    "api/1/^(?P<rest>(?s:.*))$": "api/1/nothing/here",
}


def path_of(route: Found, world: World, method: str = "") -> str:
    """An address of the route, about the run of the world."""
    values = {
        "experiment_id": world.run.experiment.experiment_id,
        "run_id": world.run.run_id,
        "path": "model/file.txt",
        "artifact_path": artifact_path(route.name, world),
        "upload_id": upload_id(world),
        "part_number": "1",
        "model": "m",
        "model_id": f"m-{world.logged_model.model_id}",
        "key": "tag",
        "username": "guest",
        "name": NAMES.get(route.name, "m"),
        "saga_id": world.saga_id,
        "onboarding_id": world.onboarding_id,
        "customer_id": world.customer_id,
        "alias": "champion",
        "metric_id": str(world.metric_id),
        "number": "1",
        "document_id": "0" * 32,
        "content_type_id": "1",
        "object_id": _key_of(route, world),
        "id": str(world.users["guest"].pk),
        "pk": str(world.import_id),
    }
    if route.name == "admin:app_list":  # its expression names the apps in the order of their registration
        return "/admin/registry/"
    if route.pattern in REGULAR:
        return "/" + REGULAR[route.pattern]
    has_fields = method == "GET" and route.name.startswith("mlflow:")
    fields = fields_of(f"GET {route.key}", world) if has_fields else QUERIES.get(route.name, {})
    query = urlencode(fields, doseq=True)
    return "/" + PARAMETER.sub(lambda match: values[match[1]], route.pattern) + (query and f"?{query}")


def body_of(method: str, route: Found, world: World) -> Any:
    """A body that the route takes."""
    if route.name == "api:model-versions":
        return {"run_id": world.source.run_id, "artifact_path": "model"}
    if route.name == "analysis:model-retirement" and method == "POST":
        return {"deployment_id": world.deployment_id}
    if route.name in ("mlflow:artifact", "mlflow:multipart-part"):
        return b"other bytes"
    if route.name.startswith("mlflow:"):
        return None if method == "GET" else fields_of(f"{method} {route.key}", world)
    return BODIES.get(f"{method} {route.key}")


def _key_of(route: Found, world: World) -> str:
    """The key of a row in the admin's list; a key of nothing where there is no row."""
    match = re.match(r"admin/(\w+)/(\w+)/", route.pattern)
    if match is None or match[1] not in ("registry", "features", "auth"):
        return "0"
    if match[2] == "user":
        return str(world.users["guest"].pk)
    model = apps.get_model(match[1], match[2])
    first = model._default_manager.first() if model._meta.managed else None
    return str(first.pk) if first else "0"
