"""Feast's feature server, at its addresses."""

from django.http import HttpRequest, HttpResponse

from features.server.answers import answer
from features.server.reading import read_request
from features.services.online_features import get_online_features
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
