"""Files that come in parts: begun, sent, completed, aborted."""

import re

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.api.uploads import uploaded_file
from registry.artifacts.parts import Part
from registry.enums import TokenScope
from registry.exceptions import BadInputError, NotFoundError
from registry.mlflow_api.answers import answer
from registry.mlflow_api.artifact_places import Level, Place, file_place_for
from registry.mlflow_api.parsing import Fields, checked_integer, missing, read
from registry.mlflow_api.part_credentials import Ticket, part_header
from registry.services.multipart_uploads import MAX_PARTS, abort_upload, complete_upload, store_part

SEPARATORS = re.compile(r"[/\\]")
DIGEST = re.compile("[0-9a-f]{64}")


@endpoint(TokenScope.WRITE)
def create(request: HttpRequest, caller: Caller, artifact_path: str) -> HttpResponse:
    """Begin an upload: an address and headers for each part."""
    fields = read(request)
    num_parts = fields.integer("num_parts", 1) or 0
    if not 0 <= num_parts <= MAX_PARTS:
        raise BadInputError(f"A file comes in at most {MAX_PARTS:,} parts, not {num_parts:,}.")
    full_path = _full_path(artifact_path, fields)
    file_place_for(caller.user, full_path, level=Level.EDIT)
    ticket = Ticket.new(full_path, num_parts)
    upload_id = ticket.text()
    headers = {"Authorization": part_header(ticket, caller)}
    address = reverse("mlflow:multipart-part", kwargs={"upload_id": upload_id, "part_number": 0})
    stem = request.build_absolute_uri(address).removesuffix("0")
    credentials = [
        {"url": f"{stem}{number}", "part_number": number, "headers": headers}
        for number in range(1, num_parts + 1)
    ]
    return answer({"upload_id": upload_id, "credentials": credentials})


@endpoint(TokenScope.WRITE)
def part(request: HttpRequest, caller: Caller, upload_id: str, part_number: str) -> HttpResponse:
    """Keep a part; its digest is the ETag that the end asks for."""
    ticket, number = Ticket.read(upload_id), checked_integer("part_number", part_number)
    file_place_for(caller.user, ticket.full_path, level=Level.EDIT)
    if not 1 <= number <= ticket.num_parts:
        raise BadInputError(f"The upload has the parts 1 to {ticket.num_parts}, not {number}.")
    content = uploaded_file(request)
    size = int(request.headers["Content-Length"])
    stored = store_part(upload=ticket.upload, number=number, content=content, size_bytes=size)
    response = answer({})
    response["ETag"] = f'"{stored.sha256}"'
    return response


@endpoint(TokenScope.WRITE)
def complete(request: HttpRequest, caller: Caller, artifact_path: str) -> HttpResponse:
    """Make the parts a file."""
    fields = read(request)
    ticket, place = _begun(fields, caller, artifact_path)
    if "parts" not in fields:
        raise missing("parts")
    wanted = [_part(Fields(each)) for each in fields.objects("parts")]
    complete_upload(
        upload=ticket.upload,
        owner=place.owner,
        path=place.path,
        wanted=wanted,
        num_parts=ticket.num_parts,
    )
    return answer({})


@endpoint(TokenScope.WRITE)
def abort(request: HttpRequest, caller: Caller, artifact_path: str) -> HttpResponse:
    """Forget an upload."""
    ticket, _ = _begun(read(request), caller, artifact_path)
    abort_upload(upload=ticket.upload)
    return answer({})


def _begun(fields: Fields, caller: Caller, artifact_path: str) -> tuple[Ticket, Place]:
    full_path = _full_path(artifact_path, fields)
    place = file_place_for(caller.user, full_path, level=Level.EDIT)
    ticket = Ticket.read(fields.required("upload_id"))
    if ticket.full_path != full_path:
        raise NotFoundError(f"There is no such upload of {full_path[:200]!r}.")
    return ticket, place


def _full_path(folder: str, fields: Fields) -> str:
    """The client names the file by its path on its own disk, of which the last part counts."""
    name = SEPARATORS.split(fields.required("path"))[-1]
    return f"{folder.removesuffix('/')}/{name}"


def _part(fields: Fields) -> Part:
    number = fields.integer("part_number")
    etag = fields.text("etag").strip('"')
    if number is None or not DIGEST.fullmatch(etag):
        raise BadInputError("Name each part with its part_number and the ETag that its upload was answered.")
    return Part(number, etag)
