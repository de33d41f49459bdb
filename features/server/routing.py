"""The feature server's routes: the platform's own, with Feast's answers to errors."""

from registry.api.routing import Endpoint, Route, route

from .errors import answer_error


def feast_route(**endpoints: Endpoint) -> Route:
    """A Django view with these endpoints by method."""
    return route(api="feast", answer_error=answer_error, **endpoints)
