"""What a client of a multipart upload holds: a ticket for the upload, and credentials for its parts.

MLflow's client sends the parts without its own credentials, with the headers that it was given for them.
So they carry who asked, signed and for as long as temporary files are kept; a token that is revoked in
the meantime ends them. They open the one route that takes parts, and there the one upload.
"""

import secrets
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest

from registry.api.authentication import Caller, authenticate
from registry.artifacts.storage import KEEP_UNUSED_SECONDS
from registry.enums import TokenScope
from registry.exceptions import NotAuthenticatedError, NotFoundError
from registry.services.api_tokens import find_usable_token

SCHEME = "Upload"
TICKET = "mlflow.upload"
PART = "mlflow.upload.part"
MAX_LENGTH = 4_096


@dataclass(frozen=True)
class Ticket:
    """One upload: where it leads, and in how many parts; ``upload`` names its temporary files."""

    upload: str
    full_path: str
    num_parts: int

    @classmethod
    def new(cls, full_path: str, num_parts: int) -> "Ticket":
        """A ticket for an upload that begins."""
        return cls(secrets.token_hex(16), full_path, num_parts)

    @classmethod
    def read(cls, text: str) -> "Ticket":
        """The ticket that this text is.

        Raises:
            NotFoundError: it is none of ours, or too old.
        """
        try:
            return cls(**_loaded(text, TICKET))
        except signing.BadSignature as error:
            raise NotFoundError("There is no such upload, or it has expired. Begin it again.") from error

    def text(self) -> str:
        """The ticket as clients hold it: MLflow's ``upload_id``."""
        return signing.dumps(asdict(self), salt=TICKET, compress=True)


def part_header(ticket: Ticket, caller: Caller) -> str:
    """The header ``Authorization`` for an upload's parts."""
    token = caller.token.pk if caller.token else None
    who = {"upload": ticket.upload, "user": caller.user.pk, "token": token}
    return f"{SCHEME} {signing.dumps(who, salt=PART)}"


def part_caller(request: HttpRequest) -> Caller:
    """Who sends a part: by the credentials for parts, or by any that the API takes.

    Raises:
        NotAuthenticatedError: neither.
    """
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme != SCHEME:
        return authenticate(request)
    try:
        who = _loaded(text, PART)
        is_for_this = Ticket.read(_upload_id(request)).upload == who["upload"]
    except (signing.BadSignature, NotFoundError) as error:
        raise _refused() from error
    caller = _caller(who)
    if not is_for_this or caller is None:
        raise _refused()
    return caller


def _caller(who: dict[str, Any]) -> Caller | None:
    scopes = frozenset({TokenScope.WRITE.value})
    if who["token"] is None:
        user = User.objects.filter(pk=who["user"], is_active=True).first()
        return None if user is None else Caller(user, scopes)
    token = find_usable_token(who["token"])
    return None if token is None else Caller(token.user, scopes & frozenset(token.scopes), token)


def _upload_id(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.kwargs.get("upload_id", "")) if match else ""


def _loaded(text: str, salt: str) -> dict[str, Any]:
    if len(text) > MAX_LENGTH:
        raise signing.BadSignature("It is too long.")
    found: dict[str, Any] = signing.loads(text, salt=salt, max_age=KEEP_UNUSED_SECONDS)
    return found


def _refused() -> NotAuthenticatedError:
    return NotAuthenticatedError("These credentials for parts of an upload are not valid, or too old.")
