"""MLflow's routes: the platform's own, with MLflow's answers to errors."""

from registry.api.routing import Endpoint, Route, route

from .errors import answer_error

API = "mlflow"


def mlflow_route(**endpoints: Endpoint) -> Route:
    """A Django view with these endpoints by method."""
    return route(api=API, answer_error=answer_error, **endpoints)
