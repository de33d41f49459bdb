"""Files of a run."""

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse

from registry.api.answers import artifact_json
from registry.api.authentication import Caller
from registry.api.downloads import artifact_download
from registry.api.routing import endpoint
from registry.api.uploads import uploaded_file
from registry.artifacts.paths import checked_path
from registry.enums import TokenScope
from registry.exceptions import NotFoundError
from registry.models import Artifact, ExperimentPermission
from registry.queries.permissions import run_for
from registry.services.artifacts import log_artifact


@endpoint(TokenScope.WRITE)
def write(request: HttpRequest, caller: Caller, run_id: str, path: str) -> JsonResponse:
    """Store the body under this path; a path that is there takes the new content."""
    run_for(caller.user, run_id, level=ExperimentPermission.Level.EDIT)
    artifact = log_artifact(run_id=run_id, path=checked_path(path), content=uploaded_file(request))
    return JsonResponse({"artifact": artifact_json(artifact)}, status=201)


@endpoint(TokenScope.READ)
def read(_request: HttpRequest, caller: Caller, run_id: str, path: str) -> StreamingHttpResponse:
    """The file, as a download."""
    run = run_for(caller.user, run_id)
    artifact = Artifact.objects.filter(run=run, path=checked_path(path)).first()
    if artifact is None:
        raise NotFoundError(f"The run {run_id} has no artifact at {path!r}.")
    return artifact_download(artifact)
