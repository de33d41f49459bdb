"""The table of answers, looked up for a route."""

import re

from .answers import ADMIN, ADMIN_MODELS, API, EXCEPTIONS, NOT_STAFF, PAGES, ROLES
from .mlflow import MLFLOW
from .walking import Found

OF_A_MODEL = re.compile(r"admin:(\w+_\w+)_(changelist|add|history|delete|change|json)")
OLD_ADDRESS = re.compile(r"admin/\w+/\w+/<path:object_id>/")


def expected(route: Found) -> dict[str, dict[str, int]]:
    """Method → role → status.

    Raises:
        AssertionError: the table does not know the route, or not all of its methods.
    """
    methods = route.methods or ["GET", "POST"]
    return {method: _by_role(_line(method, route)) for method in methods}


def _line(method: str, route: Found) -> str:
    key = f"{method} {route.key}"
    if line := (API | MLFLOW | PAGES).get(key):
        return line
    if OLD_ADDRESS.fullmatch(route.pattern) and not route.name:
        return f"{NOT_STAFF} 302 302"
    found = OF_A_MODEL.fullmatch(route.name)
    assert found, f"{key}: add it to tests/routes/answers.py"
    model, page = found.groups()
    assert model in ADMIN_MODELS, f"{model}: add it to tests/routes/answers.py"
    return f"{NOT_STAFF} {EXCEPTIONS.get(key) or ADMIN[ADMIN_MODELS[model]][f'{method} {page}']}"


def _by_role(line: str) -> dict[str, int]:
    answers = zip(ROLES, line.split(), strict=True)
    return {role: int(status) for role, status in answers if status != "-"}
