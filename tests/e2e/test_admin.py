"""Each list and form of the admin, by axe: light on a desk, dark on a telephone."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import RequestFactory
from django.urls import reverse

from tests.e2e.conftest import Site
from tests.e2e.looking import DARK, DESK, LIGHT, PHONE, overflow, violations
from tests.e2e.showcase import Showcase

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]
MODELS = {f"{each._meta.app_label}_{each._meta.model_name}": each for each in admin.site._registry}


def addresses(model: type[Model]) -> Iterator[str]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    yield reverse(f"{name}_changelist")
    first = model._default_manager.first() if model._meta.managed else None
    if first is not None:
        yield reverse(f"{name}_change", args=[first.pk])
    request = RequestFactory().get("/")
    request.user = User.objects.get(username="grace")
    if admin.site._registry[model].has_add_permission(request):
        yield reverse(f"{name}_add")


@pytest.mark.parametrize("name", MODELS)
def test_lists_and_forms_are_accessible_and_fit_a_phone(name: str, site: Site, showcase: Showcase) -> None:
    for path in addresses(MODELS[name]):
        for look in ({**DESK, **LIGHT}, {**PHONE, **DARK}):
            page = site.open(path, **look)
            assert overflow(page) <= 0
            assert site.complaints == []
            assert violations(page) == []
            site.complaints.clear()  # axe writes what it reads of imported style sheets into the page
