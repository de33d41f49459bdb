"""House rules over all models."""

from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from tests.factories import RunFactory

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


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_choice_is_held_by_a_constraint(model: type[models.Model]) -> None:
    checks = " ".join(
        str(constraint.condition)
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
    )
    for field in model._meta.local_fields:
        if field.choices:
            held = f"{field.name}__in" in checks or f"('{field.name}', " in checks
            assert held, f"{model.__name__}.{field.name} takes any text in PostgreSQL"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_foreign_key_has_an_index(model: type[models.Model]) -> None:
    for field in model._meta.local_fields:
        if isinstance(field, models.ForeignKey) and model.__name__ != "MetricPoint":
            assert field.db_index or field.unique, f"{model.__name__}.{field.name}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"name": ""}, "run_name_not_blank"),
        ({"status": "DONE", "ended_at": None}, "run_status_known"),
        ({"accuracy": 1.01}, "run_accuracy_between_0_and_1"),
        ({"accuracy": float("nan")}, "run_accuracy_between_0_and_1"),
        ({"duration_seconds": -1}, "run_duration_not_negative"),
        ({"ended_at": None}, "run_ended_at_agrees_with_status"),
        ({"status": "RUNNING"}, "run_ended_at_agrees_with_status"),
        ({"ended_at": "2000-01-01T00:00Z"}, "run_ends_after_it_starts"),
        ({"lifecycle": "deleted"}, "run_deleted_at_agrees_with_lifecycle"),
        ({"body_version": 2}, "run_body_version_not_ahead"),
    ],
)
def test_a_constraint_of_runs_refuses(change: dict[str, Any], constraint: str) -> None:
    run = RunFactory()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        type(run).objects.filter(pk=run.pk).update(**change)


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
