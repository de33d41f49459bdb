"""Runs of the table as a file."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from analysis.exports.tables import table_response
from analysis.queries.run_choices import run_choices
from analysis.queries.run_export import export_table
from analysis.queries.run_table import all_runs
from analysis.viewer import viewer_of
from analysis.views.run_filter import RunFilterForm, address
from registry.exceptions import BadInputError


@require_GET
def run_export(request: HttpRequest) -> HttpResponseBase:
    """``/runs/export?…&format=``: the runs that the table's address finds, in its order, 50,000 at most.

    A filter that can't be read is shown in the table, where it is explained.
    """
    viewer = viewer_of(request)
    form = RunFilterForm(request.GET, choices=run_choices(viewer))
    if not form.is_valid():
        return HttpResponseRedirect(f"{reverse('analysis:run-list')}{address(request.GET)}")
    wanted = form.run_filter(viewer)
    table = export_table(all_runs(wanted), wanted.columns)
    try:
        return table_response(table, format=request.GET.get("format", "csv"), filename="runs")
    except BadInputError as error:
        return HttpResponse(str(error), status=HTTPStatus.BAD_REQUEST, content_type="text/plain")
