"""House rules over all models."""

import re

import pytest
from django.apps import apps
from django.db import connection, models

from .rows import ROWS

MADE_UP_NAME = re.compile("_[0-9a-f]{6}_idx$")
MODELS = [
    model
    for label in ("registry", "features")
    for model in apps.get_app_config(label).get_models()
    if model._meta.managed
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_model_says_what_it_is(model: type[models.Model]) -> None:
    assert model.__doc__
    assert not model.__doc__.startswith(f"{model.__name__}(")
    assert model.__str__ is not models.Model.__str__


# A foreign key that leads no index of Django's, and why.
FOREIGN_KEYS_WITHOUT_INDEX = {
    "MetricPoint.metric": "leads the primary key",
}


def leading_fields(model: type[models.Model]) -> set[str]:
    """The first field of each index and unique constraint."""
    unique = [each for each in model._meta.constraints if isinstance(each, models.UniqueConstraint)]
    return {
        each.fields[0].removeprefix("-")
        for each in [*model._meta.indexes, *unique]
        if each.fields and not each.condition
    }


def test_a_foreign_key_leads_one_index_and_no_second() -> None:
    keys = [
        (
            field.db_index or field.unique,
            field.name in leading_fields(model),
            f"{model.__name__}.{field.name}",
        )
        for model in MODELS
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
    ]
    bare = {name for is_indexed, leads, name in keys if not is_indexed and not leads}
    assert bare == FOREIGN_KEYS_WITHOUT_INDEX.keys()
    assert {name for is_indexed, leads, name in keys if is_indexed and leads} == set()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_indexes_and_constraints_are_named_by_us(model: type[models.Model]) -> None:
    for index in model._meta.indexes:
        assert not MADE_UP_NAME.search(index.name), index.name
    assert not model._meta.unique_together


def test_every_model_has_a_row_that_the_constraints_are_tried_on() -> None:
    assert set(MODELS) == ROWS.keys()


@pytest.mark.django_db
def test_every_check_constraint_is_in_postgresql_by_its_name() -> None:
    declared = {
        constraint.name
        for model in MODELS
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'c'")
        assert declared <= {name for (name,) in cursor.fetchall()}
