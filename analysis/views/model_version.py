"""The page of one version of a registered model, and its files."""

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.model_registry.model_version import file_of_version, version_page
from analysis.viewer import viewer_of
from registry.api.downloads import artifact_download
from registry.enums import ModelStage
from registry.exceptions import NotFoundError


@require_safe
def model_version(request: HttpRequest, name: str, number: int) -> TemplateResponse:
    """``/models/<name>/versions/<number>/``: where it comes from, where it stands, against the live one."""
    try:
        page = version_page(name, number, viewer=viewer_of(request))
    except NotFoundError as error:
        raise Http404(str(error)) from error
    context = {"page": page, "version": page.line, "name": name, "stages": ModelStage.values}
    return TemplateResponse(request, "analysis/model_version.html", context)


@require_safe
def version_file(
    request: HttpRequest, name: str, number: int, path: str
) -> HttpResponse | StreamingHttpResponse:
    """``/models/<name>/versions/<number>/files/<path>``: a file, as a download."""
    try:
        found = file_of_version(name, number, path, viewer=viewer_of(request)) if "\x00" not in name else None
        if found is None:
            raise Http404("There is no such file.")
        return artifact_download(found, request)
    except NotFoundError as error:
        raise Http404(str(error)) from error
