"""The runs table."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.run_choices import run_choices
from analysis.queries.run_sorting import Sorting
from analysis.queries.run_table import PAGE_SIZE, RunFilter, RunPage, run_page
from analysis.viewer import viewer_of
from analysis.views.run_filter import RunFilterForm


@dataclass(frozen=True, slots=True)
class Heading:
    """A sortable column's head: where its link leads, and how the table is sorted by it now."""

    label: str
    sort: str
    direction: str
    is_number: bool


@require_safe
def run_list(request: HttpRequest) -> TemplateResponse:
    """``/runs/``: filter, sort, choose columns; keyset pages."""
    viewer = viewer_of(request)
    form = RunFilterForm(request.GET, choices=run_choices(viewer))
    page: RunPage | None = None
    context: dict[str, object] = {"form": form, "page_size": PAGE_SIZE}
    if form.is_valid():
        wanted = form.run_filter(viewer)
        page = run_page(wanted, cursor=request.GET.get("cursor", ""))
        context |= {
            "page": page,
            "wanted": wanted,
            "headings": _headings(page.sorting, wanted),
            "is_first": not request.GET.get("cursor"),
        }
    context["metric_choices"] = _choices(form.columns("metrics"), page.metric_keys if page else [])
    context["param_choices"] = _choices(form.columns("params"), page.param_keys if page else [])
    status = 200 if page else 400
    return TemplateResponse(request, "analysis/run_list.html", context, status=status)


def _choices(chosen: tuple[str, ...], keys: list[str]) -> list[tuple[str, bool]]:
    """The columns to tick: those shown now first, then the others that this page's runs have."""
    return [(key, True) for key in chosen] + [(key, False) for key in keys if key not in chosen]


def _headings(sorting: Sorting, wanted: RunFilter) -> list[Heading]:
    columns = [
        ("name", "Run", False),
        ("status", "Status", False),
        ("dataset", "Dataset", False),
        ("framework", "Framework", False),
        ("accuracy", "Accuracy", True),
        ("loss", "Loss", True),
        *((f"metric.{key}", key, True) for key in wanted.metric_columns),
        *((f"param.{key}", key, False) for key in wanted.param_columns),
        ("duration", "Duration", True),
        ("started_at", "Started", False),
    ]
    return [_heading(sorting, *column) for column in columns]


def _heading(sorting: Sorting, name: str, label: str, is_number: bool) -> Heading:  # noqa: FBT001
    """The link reverses the order it has; a number's first click shows the greatest first."""
    ascending, descending = name, f"-{name}"
    if sorting.text == ascending:
        return Heading(label, descending, "ascending", is_number)
    if sorting.text == descending:
        return Heading(label, ascending, "descending", is_number)
    first = descending if is_number or name == "started_at" else ascending
    return Heading(label, first, "", is_number)
