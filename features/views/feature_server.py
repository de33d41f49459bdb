"""Feast's feature server, at its addresses."""

from django.http import HttpRequest, HttpResponse

from features.server.answers import answer
from features.server.bodies import read_body
from features.server.pushing import push_request, write_request
from features.server.reading import read_request
from features.services.online_features import get_online_features
from features.services.push import Pushed, push_features
from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope


@endpoint(TokenScope.READ)
def read(request: HttpRequest, _caller: Caller) -> HttpResponse:
    """Online features by entity: Feast's ``POST /get-online-features``."""
    asked = read_request(request)
    found = get_online_features(features=asked.features, entities=asked.entities)
    headers = {"X-Features-Source": found.source}
    return HttpResponse(answer(asked, found), content_type="application/json", headers=headers)


@endpoint(TokenScope.WRITE)
def push(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Values as they happen, by the name of a push source: Feast's ``POST /push``."""
    view, rows = push_request(read_body(request))
    pushed = push_features(view=view, rows=rows, user=caller.user)
    return HttpResponse(headers=_projection(pushed))


@endpoint(TokenScope.WRITE)
def write(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The same by the name of a view, as Feast's remote client pushes: ``POST /write-to-online-store``."""
    view, rows = write_request(read_body(request))
    pushed = push_features(view=view, rows=rows, user=caller.user)
    return HttpResponse(b"null", content_type="application/json", headers=_projection(pushed))


def _projection(pushed: Pushed) -> dict[str, str]:
    return {"X-Projection": "applied" if pushed.is_online else "pending"}
