"""Every page of the admin: its registry walked, so that a new list is measured without being named here."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import reverse

from registry.admin.documents import DocumentAdmin
from registry.admin.keyset import OLDER, KeysetChangeList
from registry.models import Metric, TrainingRun

ModelAdmin = Any
MOST_CHOICES = 3
DEEP_SECONDS = 50_000
"""So much older than the newest document is one in the middle of a list of 100,000."""


@dataclass(frozen=True)
class AdminPage:
    """One page: of which model, which kind, and where."""

    model: str
    kind: str
    url: str


def admin_pages(user: User) -> Iterator[AdminPage]:
    """The index, then each list, filter, search, deep page, form, history and page of our own.

    Models that the user may not see are left out.
    """
    request = RequestFactory().get("/")
    request.user = user
    yield AdminPage("", "index", reverse("admin:index"))
    for model, model_admin in admin.site._registry.items():  # noqa: SLF001 (there is no public list of them)
        if not model_admin.has_view_permission(request):
            continue
        if isinstance(model_admin, DocumentAdmin):
            yield from _document_pages(model_admin)
        else:
            yield from _record_pages(request, model, model_admin)
    yield from _own_pages()


def _record_pages(request: HttpRequest, model: type[Model], model_admin: ModelAdmin) -> Iterator[AdminPage]:
    called, opts = str(model._meta.verbose_name_plural), model._meta
    name = f"admin:{opts.app_label}_{opts.model_name}"
    url = reverse(f"{name}_changelist")
    yield AdminPage(called, "list", url)
    for words, query in _filters(request, model_admin):
        yield AdminPage(called, f"filter {words}", f"{url}?{query}")
    rows = model._default_manager.order_by("pk")
    newest, oldest = rows.last(), rows.first()
    if newest is None or oldest is None:
        return
    for text in _searches(model_admin, newest, oldest):
        yield AdminPage(called, f"search {text[:20]}", f"{url}?{urlencode({'q': text})}")
    if issubclass(model_admin.get_changelist(request), KeysetChangeList):
        for word, place in (("middle", (newest.pk + oldest.pk) // 2), ("last", oldest.pk + 50)):
            yield AdminPage(called, f"{word} page", f"{url}?{OLDER}={place}")
    yield AdminPage(called, "form", reverse(f"{name}_change", args=[newest.pk]))
    yield AdminPage(called, "history", reverse(f"{name}_history", args=[newest.pk]))
    if model_admin.has_add_permission(request):
        yield AdminPage(called, "add", reverse(f"{name}_add"))
    for field in model_admin.get_autocomplete_fields(request):
        asked = {"app_label": opts.app_label, "model_name": opts.model_name, "field_name": field, "term": "1"}
        yield AdminPage(called, f"choices of {field}", f"{reverse('admin:autocomplete')}?{urlencode(asked)}")


def _filters(request: HttpRequest, model_admin: ModelAdmin) -> Iterator[tuple[str, str]]:
    """Each choice of each filter, as the page's own links say them."""
    changes = model_admin.get_changelist_instance(request)
    for spec in changes.filter_specs:
        choices = [choice for choice in spec.choices(changes) if not choice["selected"]]
        for choice in [*choices[: MOST_CHOICES - 1], *choices[MOST_CHOICES - 1 :][-1:]]:
            yield f"{spec.title}: {choice['display']}", str(choice["query_string"]).removeprefix("?")


def _searches(model_admin: ModelAdmin, newest: Model, oldest: Model) -> list[str]:
    """A text that the first field finds: the whole of an exact one, else a part; and what nothing has."""
    if not model_admin.search_fields:
        return []
    path, _, lookup = model_admin.search_fields[0].partition("__exact")
    found: list[str] = []
    for row in (newest, oldest):
        value: Any = row
        for step in path.removesuffix("__startswith").split("__"):
            value = getattr(value, step, "")
        found.append(str(value))
    return [*found, "1", "no such thing"] if not lookup else [*found, "no such thing"]


def _document_pages(model_admin: DocumentAdmin) -> Iterator[AdminPage]:
    called, name = str(model_admin.opts.verbose_name_plural), f"admin:registry_{model_admin.opts.model_name}"
    url = reverse(f"{name}_changelist")
    document_id = f"{1:032d}"
    quick = "pytorch" if model_admin.quick_filter == "framework" else "login"
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("list", {}),
        ("deep page", {OLDER: f"{1_000 * int(time.time()) - 1_000 * DEEP_SECONDS}.0"}),
        ("quick filter", {"quick": quick}),
        ("filter on a nested field", {"path": "metrics.accuracy", "operator": "gt", "value": "0.99"}),
        ("filter that nothing fits", {"path": "no.such.field", "operator": "eq", "value": "1"}),
    )
    for kind, query in asked:
        yield AdminPage(called, kind, f"{url}?{urlencode(query)}" if query else url)
    yield AdminPage(called, "tree", reverse(f"{name}_change", args=[document_id]))
    yield AdminPage(called, "JSON", reverse(f"{name}_json", args=[document_id]))


def _own_pages() -> Iterator[AdminPage]:
    metric, run = Metric.objects.earliest("pk"), TrainingRun.objects.latest("pk")
    yield AdminPage("metrics", "points", reverse("admin:registry_metric_points", args=[metric.pk]))
    for name in ("metric", "artifact"):
        url = reverse(f"admin:registry_{name}_changelist")
        yield AdminPage(f"{name}s", "of a run", f"{url}?run__id__exact={run.pk}")
    url = reverse("admin:registry_trainingrun_changelist")
    experiment, dataset = run.experiment_id, run.dataset_id
    yield AdminPage("training runs", "of an experiment", f"{url}?experiment__id__exact={experiment}")
    yield AdminPage("training runs", "of a dataset", f"{url}?dataset__id__exact={dataset}")
    yield AdminPage("training runs", "search an id", f"{url}?q={run.run_id}")
    table, key = reverse("analysis:run-list"), f"metrics.`{metric.key}`"
    yield AdminPage("", "runs table of the site", table)
    yield AdminPage("", "runs table by a metric", f"{table}?{urlencode({'sort': f'-{key}'})}")
    found = urlencode({"filter": f"{key} > 0.5 AND NOT status = 'FAILED'"})
    yield AdminPage("", "runs table filtered", f"{table}?{found}")
    yield AdminPage("", "run page of the site", reverse("analysis:run-detail", args=[run.run_id]))
