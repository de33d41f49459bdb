"""MLflow's routes: the platform's own, with MLflow's answers to errors."""

from functools import partial

from registry.api.routing import route

from .errors import answer_error

mlflow_route = partial(route, answer_error=answer_error)
