import math
from typing import Any

import pytest

from registry.documents import collections
from registry.documents.conditions import Condition
from registry.documents.connection import collection
from registry.exceptions import BadInputError, ConflictError, NotFoundError, StoreUnavailableError
from registry.queries.framework_metrics import framework_metrics
from registry.queries.model_configs import configs_of_framework, configs_where, model_config
from registry.services.model_configs import add_config_metrics, insert_model_config, upsert_model_configs
from tests.factories import RunFactory

pytestmark = pytest.mark.usefixtures("mongo")

CNN = {
    "architecture": "cnn",
    "layers": [
        {"type": "conv2d", "filters": 32, "kernel": [3, 3], "activation": "relu"},
        {"type": "maxpool", "size": 2},
        {"type": "dense", "units": 10, "activation": "softmax"},
    ],
    "optimizer": {"name": "adam", "lr": 0.001, "schedule": {"warmup": 500, "decay": "cosine"}},
}
TRANSFORMER = {
    "base": "bert-base",
    "tokenizer": {"type": "wordpiece", "vocab": 30_522, "special": {"[PAD]": 0, "a.b": 1, "$unk": 2}},
    "quantisation": {"bits": 8, "per_channel": True, "skip": ["embeddings"]},
    "lora": {"rank": 16, "targets": ["q_proj", "v_proj"]},
}
BOOSTING = {
    "booster": {"trees": 500, "depth": 7, "eta": 0.05},
    "features": {
        "encode": {"city": "target", "plan": "one-hot"},
        "crosses": [["city", "plan"]],
        "lags": [1, 7],
    },
    "constraint": None,
}
SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "cnn": ("pytorch", CNN), "transformer": ("transformers", TRANSFORMER), "boosting": ("xgboost", BOOSTING),
}  # fmt: skip


@pytest.fixture
def ids() -> dict[str, str]:
    return {
        name: insert_model_config(name=name, framework=framework, config=config, tags=[name, "demo"])
        for name, (framework, config) in SHAPES.items()
    }


def found(*conditions: tuple[str, str, object]) -> list[str]:
    return sorted(view.name for view in configs_where([Condition(*each) for each in conditions]))


@pytest.mark.parametrize("name", SHAPES)
def test_a_config_of_any_shape_comes_back_as_it_went(name: str, ids: dict[str, str]) -> None:
    view = model_config(ids[name])
    assert (view.name, view.framework, view.config) == (name, *SHAPES[name])
    assert view.tags == sorted([name, "demo"])


def test_configs_are_found_by_framework_and_by_any_nested_field(ids: dict[str, str]) -> None:
    assert [view.name for view in configs_of_framework("pytorch")] == ["cnn"]
    assert found(("config.layers.0.filters", "gte", 32)) == ["cnn"]
    assert found(("config.layers.type", "eq", "dense")) == ["cnn"]
    assert found(("config.optimizer.schedule.warmup", "lt", 501)) == ["cnn"]
    assert found(("config.quantisation.bits", "in", [4, 8])) == ["transformer"]
    assert found(("config.base", "prefix", "bert")) == ["transformer"]
    assert found(("config.base", "prefix", ".*")) == []
    assert found(("config.booster", "exists", True)) == ["boosting"]
    assert found(("config.booster.eta", "ne", 0.05)) == ["cnn", "transformer"]
    assert found(("tags", "eq", "demo"), ("config.booster.depth", "lte", 7)) == ["boosting"]
    assert found(("config.constraint", "eq", None)) == ["boosting", "cnn", "transformer"]


@pytest.mark.parametrize(
    "condition",
    [
        ("$where", "eq", "sleep(5000)"), ("config.$where", "eq", "1"), ("config", "$where", "1"),
        ("config", "where", "1"), ("config.a", "eq", {"$gt": 0}), ("config.a", "in", [{"$gt": 0}]),
        ("config.a", "eq", [1]), ("__raw__", "eq", "1"), ("config..a", "eq", 1), (".a", "eq", 1), ("", "eq", 1),
        ("a\x00", "eq", 1), ("a." * 300 + "a", "eq", 1), ("config.a", "in", "text"), ("config.a", "in", []),
        ("config.a", "exists", "yes"), ("config.a", "prefix", 1), ("config.a", "eq", 2**64),
        ("config.a", "eq", "x\x00"), ("config.a", "eq", object()),
    ],
)  # fmt: skip
def test_an_operator_from_outside_is_refused(condition: tuple[str, str, object]) -> None:
    with pytest.raises(BadInputError):
        configs_where([Condition(*condition)])


def test_the_same_config_again_changes_nothing(ids: dict[str, str]) -> None:
    again = insert_model_config(
        name="cnn", framework="pytorch", config=dict(reversed(CNN.items())), tags=["demo", "cnn"]
    )
    assert again == ids["cnn"]
    assert collection("model_configs").count_documents({}) == 3


def test_a_chosen_id_can_not_be_taken_by_another_config() -> None:
    chosen = "a" * 32
    for _ in range(2):
        assert insert_model_config(name="n", framework="keras", config={"a": 1}, config_id=chosen) == chosen
    with pytest.raises(ConflictError, match="another config, 'n'"):
        insert_model_config(name="n", framework="keras", config={"a": 2}, config_id=chosen)
    assert model_config(chosen).config == {"a": 1}


def test_a_framework_that_nobody_knows_is_kept_faithfully() -> None:
    config_id = insert_model_config(name="n", framework="my-lab.torchish_2", config={"???": {"ü.$": [1]}})
    view = model_config(config_id)
    assert (view.framework, view.config) == ("my-lab.torchish_2", {"???": {"ü.$": [1]}})


@pytest.mark.django_db
def test_a_config_belongs_to_a_run_that_exists() -> None:
    run = RunFactory()
    config_id = insert_model_config(name="n", framework="keras", config={"a": 1}, run_id=run.run_id)
    assert model_config(config_id).run_id == run.run_id
    with pytest.raises(NotFoundError, match="no run"):
        insert_model_config(name="n", framework="keras", config={"a": 1}, run_id="f" * 32)


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({"framework": "Py Torch"}, "no framework's name.*catboost"),
        ({"framework": ""}, "no framework's name"),
        ({"framework": "$where"}, "no framework's name"),
        ({"config": {}}, "at least one key"),
        ({"config": [1]}, "mapping"),
        ({"config": {"a": object()}}, "object"),
        ({"config": {"a": "x" * 17 * 1024 * 1024}}, "15 MB"),
        ({"metrics": {"a": "high"}}, "must be a number"),
        ({"name": ""}, "blank"),
        ({"tags": [""]}, "blank"),
        ({"config_id": "x"}, "32 hexadecimal"),
    ],
)
def test_a_bad_config_is_refused_and_not_stored(details: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        insert_model_config(**{"name": "n", "framework": "keras", "config": {"a": 1}, **details})
    assert collection("model_configs").count_documents({}) == 0


def test_metrics_that_no_schema_foresaw_can_be_added(ids: dict[str, str]) -> None:
    assert add_config_metrics(config_id=ids["cnn"], metrics={"accuracy": 0.9}) == {"accuracy": 0.9}
    after = add_config_metrics(config_id=ids["cnn"], metrics={"calibration.ece": 0.02, "$cost": 3})
    assert after == {"accuracy": 0.9, "calibration.ece": 0.02, "$cost": 3}
    assert add_config_metrics(config_id=ids["cnn"], metrics={}) == after
    assert found(("metrics.accuracy", "gte", 0.9)) == ["cnn"]
    with pytest.raises(NotFoundError):
        add_config_metrics(config_id="f" * 32, metrics={"a": 1.0})


def test_metrics_are_averaged_by_framework() -> None:
    for framework, scores in {"a": [0.5, 0.7, math.nan], "b": [1.0]}.items():
        for place, score in enumerate(scores):
            insert_model_config(
                name=f"{framework}{place}", framework=framework, config={"p": place}, metrics={"acc": score}
            )
    insert_model_config(name="none", framework="c", config={"p": 1})
    assert [(row.framework, row.metric, pytest.approx(row.mean), row.documents) for row in framework_metrics()] == [
        ("a", "acc", 0.6, 2), ("b", "acc", 1.0, 1),
    ]  # fmt: skip


def test_many_configs_are_written_in_one_round_trip() -> None:
    configs = [
        {"name": f"n{i}", "framework": "keras", "config": {"i": i}, "config_id": f"{i:032x}"}
        for i in range(500)
    ]
    assert upsert_model_configs(configs=configs) == (500, 0)
    configs[7]["config"] = {"i": "seven"}
    assert upsert_model_configs(configs=configs) == (0, 1)
    assert upsert_model_configs(configs=[]) == (0, 0)
    with pytest.raises(BadInputError, match="at most 10,000"):
        upsert_model_configs(configs=configs * 21)
    with pytest.raises(BadInputError):
        upsert_model_configs(
            configs=[{"name": "good", "framework": "keras", "config": {"a": 1}}, {"name": "bad"}]
        )
    assert found(("name", "eq", "good")) == []


def test_without_mongodb_the_error_says_what_to_do(mongodb_away: None) -> None:
    for call in (
        lambda: insert_model_config(name="n", framework="keras", config={"a": 1}),
        lambda: configs_of_framework("keras"),
        framework_metrics,
    ):
        with pytest.raises(StoreUnavailableError, match="manage.py doctor"):
            call()


def test_an_unknown_config_is_told_plainly() -> None:
    assert collections.missing_parts() == []
    with pytest.raises(NotFoundError):
        model_config("f" * 32)
