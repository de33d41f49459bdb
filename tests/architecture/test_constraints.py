"""Every constraint refuses what it is for, on the real PostgreSQL."""

import copy
from typing import Any

import pytest
from django.db import DataError, IntegrityError, models, transaction
from django.db.models import F

from .rows import COPIES, IMPLIED, OTHER_ROWS, REFUSED, ROWS

pytestmark = pytest.mark.django_db
CHECKS = {
    constraint.name
    for model in ROWS
    for constraint in model._meta.constraints
    if isinstance(constraint, models.CheckConstraint)
}
UNIQUES = [
    (model, constraint.name)
    for model in ROWS
    for constraint in model._meta.constraints
    if isinstance(constraint, models.UniqueConstraint)
]
CHOICES = [(model, field.name) for model in ROWS for field in model._meta.local_fields if field.choices]


def name_of(value: Any) -> str:
    return value.__name__ if isinstance(value, type) else str(value)[:40]


@pytest.mark.parametrize(("model", "name", "change"), REFUSED, ids=name_of)
def test_a_check_refuses_a_bad_row(model: type[models.Model], name: str, change: dict[str, Any]) -> None:
    row = ROWS[model]()
    change = {key: F(value) if value == "child" else value for key, value in change.items()}
    with pytest.raises(IntegrityError, match=f'"{name}"'), transaction.atomic():
        model._default_manager.filter(pk=row.pk).update(**change)


def test_every_check_has_a_bad_row() -> None:
    assert {name for _, name, _ in REFUSED} | IMPLIED.keys() == CHECKS


@pytest.mark.parametrize(("model", "name"), UNIQUES, ids=name_of)
def test_a_unique_constraint_refuses_a_copy(model: type[models.Model], name: str) -> None:
    twin = copy.copy(OTHER_ROWS.get(name, ROWS[model])())
    twin.pk, twin._state.adding = None, True
    for field in model._meta.local_fields:
        if field.unique and not field.primary_key:
            setattr(twin, field.attname, field.get_default())
    for attribute, value in COPIES.get(name, {}).items():
        setattr(twin, attribute, value)
    with pytest.raises(IntegrityError, match=f'"{name}"'), transaction.atomic():
        twin.save(force_insert=True)


@pytest.mark.parametrize(("model", "field"), CHOICES, ids=name_of)
def test_a_choice_that_is_none_is_refused(model: type[models.Model], field: str) -> None:
    row = ROWS[model]()
    unknown = 99 if isinstance(getattr(row, field), int) else "?"
    with pytest.raises((IntegrityError, DataError), match="violates check constraint"), transaction.atomic():
        model._default_manager.filter(pk=row.pk).update(**{field: unknown})


@pytest.mark.parametrize("model", ROWS, ids=name_of)
def test_a_row_names_itself(model: type[models.Model]) -> None:
    text = str(ROWS[model]())
    assert text.strip()
    assert " object (" not in text
