"""Creating and changing once, however often the request comes."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest

from registry.exceptions import BadInputError, StaleVersionError
from registry.models import TrainingRun
from registry.services.idempotency import MAX_KEY, make_once
from registry.services.run_rows import find_run, lock_run

Made = TypeVar("Made")


def create_once(request: HttpRequest, service: Callable[..., Made], **arguments: Any) -> Made:
    """Call a service that creates, with the request's ``Idempotency-Key`` if it has one.

    Raises:
        BadInputError: the key is not between 1 and 200 printable ASCII characters.
        IdempotencyKeyReusedError: it came with another request before.
        RequestInFlightError: the first request has not ended yet.
    """
    return service(idempotency_key=_key(request), **arguments)


def change_once(
    request: HttpRequest, service: Callable[..., TrainingRun], *, run_id: str, **fields: Any
) -> TrainingRun:
    """Change a run, once however often the request comes, and only the version that ``If-Match`` names.

    Raises:
        StaleVersionError: the run stands at another version.
    """

    def make() -> tuple[str, TrainingRun]:
        _require_version(request, run_id)
        return run_id, service(run_id=run_id, **fields)

    asked = {"run_id": run_id, "fields": fields, "if_match": request.headers.get("If-Match")}
    operation = f"{request.method} {service.__name__}"
    return make_once(operation=operation, key=_key(request), request=asked, make=make, find=find_run)


def _key(request: HttpRequest) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise BadInputError(f"An Idempotency-Key has between 1 and {MAX_KEY} printable ASCII characters.")
    return key


def _require_version(request: HttpRequest, run_id: str) -> None:
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted == "*":
        return
    version = lock_run(run_id, even_deleted=True).version
    if wanted != f'"{version}"':
        raise StaleVersionError(
            f"The run {run_id} stands at version {version}, not {wanted[:50]}. Read it again, then change it."
        )
