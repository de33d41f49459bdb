"""The caller's own tokens."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from registry.api.authentication import Caller
from registry.api.parsing import integer, read_fields, required, text, texts
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import ForbiddenError, NotFoundError
from registry.models import ApiToken
from registry.services.api_tokens import issue_token, revoke_token


@endpoint(TokenScope.ADMIN)
def listing(_request: HttpRequest, caller: Caller) -> JsonResponse:
    """The caller's tokens, without their text, which nobody has."""
    return JsonResponse({"tokens": [_token_json(token) for token in caller.user.api_tokens.all()]})


@endpoint(TokenScope.ADMIN)
def issue(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Issue a token of no more scopes than the caller has; its text is shown this once."""
    fields = read_fields(request, name=required(text), scopes=required(texts), expires_in_days=integer)
    if beyond := set(fields["scopes"]) & set(TokenScope.values) - caller.scopes:
        raise ForbiddenError(f"You can't give what you do not have: {', '.join(sorted(beyond))}.")
    secret, token = issue_token(user=caller.user, **fields)
    return JsonResponse({"token": {**_token_json(token), "text": secret}}, status=201)


@endpoint(TokenScope.ADMIN)
def revoke(_request: HttpRequest, caller: Caller, name: str) -> HttpResponse:
    """Revoke a token for good; revoking it again changes nothing."""
    token = ApiToken.objects.filter(user=caller.user, name=name).first()
    if token is None:
        raise NotFoundError(f"You have no token named {name[:100]!r}.")
    revoke_token(token_id=token.pk)
    return HttpResponse(status=204)


def _token_json(token: ApiToken) -> dict[str, Any]:
    return {
        "name": token.name,
        "prefix": token.prefix,
        "scopes": token.scopes,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "last_used_at": token.last_used_at,
    }
