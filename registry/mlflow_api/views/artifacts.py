"""Files through the proxy: listed, sent, stored, deleted."""

import posixpath

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from registry.api.authentication import Caller
from registry.api.downloads import artifact_download
from registry.api.routing import endpoint
from registry.api.uploads import uploaded_file
from registry.artifacts.paths import checked_path
from registry.enums import TokenScope
from registry.exceptions import BadInputError
from registry.mlflow_api import ids
from registry.mlflow_api.answers import Json, answer
from registry.mlflow_api.artifact_places import Level, file_place_for, nothing_at, place_for
from registry.mlflow_api.parsing import read
from registry.models import Artifact, ArtifactOwner
from registry.queries.artifact_folder import folder_entries
from registry.queries.permissions import logged_model_for, run_for
from registry.services.artifacts import delete_artifacts, log_owned_artifact


@endpoint(TokenScope.READ)
def list_place(request: HttpRequest, caller: Caller) -> HttpResponse:
    """What lies in a folder; names are told without the folder. A file has nothing in it."""
    place = place_for(caller.user, read(request).required("path"))
    return answer(_files(place.owner, place.path, prefix=""))


@endpoint(TokenScope.READ)
def download(request: HttpRequest, caller: Caller, artifact_path: str) -> HttpResponseBase:
    """The file, as a download."""
    place = file_place_for(caller.user, artifact_path)
    artifact = Artifact.objects.of(place.owner).filter(path=place.path).first()
    if artifact is not None:
        return artifact_download(artifact, request)
    if Artifact.objects.of(place.owner).at_or_under(place.path).exists():
        raise BadInputError(f"Artifact path refers to a directory, not a file: {artifact_path[:200]!r}")
    raise nothing_at(artifact_path)


@endpoint(TokenScope.WRITE)
def upload(request: HttpRequest, caller: Caller, artifact_path: str) -> HttpResponse:
    """Store the body under this path; a path that is there takes the new content."""
    place = file_place_for(caller.user, artifact_path, level=Level.EDIT)
    log_owned_artifact(owner=place.owner, path=place.path, content=uploaded_file(request, takes_chunks=True))
    return answer({})


@endpoint(TokenScope.WRITE)
def delete(_request: HttpRequest, caller: Caller, artifact_path: str) -> HttpResponse:
    """Delete a file, or a folder with all that is in it; what is not there is deleted already."""
    place = place_for(caller.user, artifact_path, level=Level.EDIT)
    delete_artifacts(owner=place.owner, path=place.path)
    return answer({})


@endpoint(TokenScope.READ)
def list_of_run(request: HttpRequest, caller: Caller) -> HttpResponse:
    """What lies in a folder of a run, with paths from its outermost folder."""
    fields = read(request)
    run_id = fields.text("run_id") or fields.text("run_uuid") or fields.required("run_id")
    run = run_for(caller.user, ids.checked_run_id(run_id))
    root = ids.run_artifact_uri(ids.experiment_id(run.experiment.experiment_id), run.run_id)
    return answer({"root_uri": root} | _inside(run, fields.text("path")))


@endpoint(TokenScope.READ)
def list_of_model(request: HttpRequest, caller: Caller, model_id: str) -> HttpResponse:
    """What lies in a folder of a logged model, with paths from its outermost folder."""
    model = logged_model_for(caller.user, ids.kept_model_id(model_id))
    root = ids.model_artifact_uri(ids.experiment_id(model.experiment.experiment_id), model.model_id)
    return answer({"root_uri": root} | _inside(model, read(request).text("artifact_directory_path")))


def _inside(owner: ArtifactOwner, path: str) -> Json:
    folder = checked_path(path.removesuffix("/")) if path else ""
    return _files(owner, folder, prefix=folder)


def _files(owner: ArtifactOwner, folder: str, *, prefix: str) -> Json:
    """MLflow leaves out the size of an empty file, and the list where it is empty."""
    files = [
        {"path": posixpath.join(prefix, entry.name), "is_dir": entry.is_dir}
        | ({"file_size": entry.size_bytes} if entry.size_bytes else {})
        for entry in folder_entries(owner, folder)
    ]
    return {"files": files} if files else {}
