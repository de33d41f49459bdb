from typing import Any

import pytest

from registry.documents.connection import collection
from registry.exceptions import BadInputError, ConflictError, ParamConflictError
from registry.models import Param, TrainingRun
from registry.services.params import log_params
from registry.services.runs import delete_run, start_run
from registry.sync.run_bodies import run_body
from tests.factories import ExperimentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


@pytest.fixture
def run_id() -> str:
    ExperimentFactory(name="e")
    return str(start_run(experiment="e").run_id)


def stored(run_id: str) -> dict[str, str]:
    return dict(Param.objects.filter(run__run_id=run_id).values_list("key", "value"))


NESTED: dict[str, Any] = {
    "model": {"layers": [{"units": 64}, {"units": 10}], "activation": "relu", "dropout": None},
    "optimizer": {"name": "adam", "lr": 0.001, "nesterov": False},
    "empty": {},
    "a.b": 1,
    "$set": {"naïve": "ünï ✓"},
}


def test_nested_params_are_dotted_in_postgresql_and_nested_in_mongodb(run_id: str) -> None:
    log_params(run_id=run_id, params=NESTED)
    assert stored(run_id) == {
        "$set.naïve": "ünï ✓",
        "a.b": "1",
        "empty": "{}",
        "model.activation": "relu",
        "model.dropout": "None",
        "model.layers": '[{"units":64},{"units":10}]',
        "optimizer.lr": "0.001",
        "optimizer.name": "adam",
        "optimizer.nesterov": "false",
    }
    body = run_body(TrainingRun.objects.get(run_id=run_id)).body
    assert body is not None
    assert body["params"] == NESTED


def test_numbers_can_be_compared_as_numbers(run_id: str) -> None:
    log_params(
        run_id=run_id,
        params={
            "lr": 0.01, "units": 64, "name": "x", "nan": float("nan"), "text": "1e-3", "month": "2024_10",
        },
    )  # fmt: skip
    numbers = dict(Param.objects.values_list("key", "value_number"))
    assert numbers == {
        "lr": 0.01, "units": 64.0, "name": None, "nan": None, "text": 0.001, "month": None,
    }  # fmt: skip


def test_the_same_param_again_is_fine(run_id: str) -> None:
    for _ in range(2):
        log_params(run_id=run_id, params={"a": {"b": 1}})
    assert stored(run_id) == {"a.b": "1"}


def test_another_value_is_refused_and_nothing_of_the_call_stays(run_id: str) -> None:
    log_params(run_id=run_id, params={"lr": 0.1})
    with pytest.raises(ParamConflictError, match="already logged with value='0.1'.*new value '0.2'"):
        log_params(run_id=run_id, params={"new": 1, "lr": 0.2})
    assert stored(run_id) == {"lr": "0.1"}


def test_a_value_can_not_become_a_group(run_id: str) -> None:
    log_params(run_id=run_id, params={"model": "forest"})
    with pytest.raises(ParamConflictError, match="can't hold params"):
        log_params(run_id=run_id, params={"model": {"trees": 10}})
    assert stored(run_id) == {"model": "forest"}


def test_params_of_two_calls_are_merged(run_id: str) -> None:
    log_params(run_id=run_id, params={"model": {"a": 1}})
    log_params(run_id=run_id, params={"model": {"b": 2}})
    document = collection("runs").find_one({"_id": run_id})
    assert document is not None
    assert document["params"] == {"model": {"a": 1, "b": 2}}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"": 1}, "blank"),
        ({"k" * 251: 1}, "251 characters"),
        ({"a": "x\x00y"}, "NUL"),
        ({"a": "\ud800"}, "surrogate"),
        ({"a": 2**63}, "64 bits"),
        ({"a": object()}, "object"),
        ({1: "x"}, "keys must be text"),
        ({f"k{i}": i for i in range(10_001)}, "may have 10,000"),
        ({"big": "x" * 17 * 1024 * 1024}, "15 MB"),
    ],
)
def test_bad_params_are_refused_and_nothing_is_stored(
    run_id: str, params: dict[Any, Any], message: str
) -> None:
    with pytest.raises(BadInputError, match=message):
        log_params(run_id=run_id, params=params)
    assert stored(run_id) == {}


def test_params_of_many_calls_can_not_outgrow_a_document(run_id: str) -> None:
    log_params(run_id=run_id, params={"a": "x" * 9 * 1024 * 1024})
    with pytest.raises(BadInputError, match="together is 18.0 MB"):
        log_params(run_id=run_id, params={"b": "x" * 9 * 1024 * 1024})
    assert set(stored(run_id)) == {"a"}


def test_nesting_too_deep_is_refused(run_id: str) -> None:
    deep: dict[str, Any] = {}
    for _ in range(100):
        deep = {"d": deep}
    with pytest.raises(BadInputError, match="deeper than 80"):
        log_params(run_id=run_id, params=deep)


def test_a_deleted_run_takes_no_params(run_id: str) -> None:
    delete_run(run_id=run_id)
    with pytest.raises(ConflictError, match="deleted"):
        log_params(run_id=run_id, params={"a": 1})


def test_no_params_change_nothing(run_id: str) -> None:
    log_params(run_id=run_id, params={})
    assert stored(run_id) == {}
