"""What MLflow's routes answer to every role, and how each is asked (answers.py has the roles)."""

from typing import Any

from .world import World

# anonymous, expired, revoked, cookie, reading, viewer, editor, manager, stranger, staff, administrator
MLFLOW = {
    "GET mlflow:nowhere": "401 401 401 401 404 404 404 404 404 404 404",
    "POST mlflow:nowhere": "401 401 401 401 404 404 404 404 404 404 404",
    "PUT mlflow:nowhere": "401 401 401 401 404 404 404 404 404 404 404",
    "PATCH mlflow:nowhere": "401 401 401 401 404 404 404 404 404 404 404",
    "DELETE mlflow:nowhere": "401 401 401 401 404 404 404 404 404 404 404",
}


def fields_of(key: str, world: World) -> dict[str, Any]:
    """The fields of a request, in the body, or in the query string of a GET."""
    fields: dict[str, dict[str, Any]] = {}
    return fields.get(key, {})
