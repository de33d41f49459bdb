"""MLflow's routes: the platform's own, with MLflow's answers to errors."""

from registry.api.authentication import authenticate
from registry.api.routing import CallerOf, Endpoint, Route, route

from .errors import answer_error


def mlflow_route(*, caller_of: CallerOf = authenticate, **endpoints: Endpoint) -> Route:
    """A route of MLflow's API; see :func:`registry.api.routing.route`."""
    return route(answer_error=answer_error, caller_of=caller_of, **endpoints)
