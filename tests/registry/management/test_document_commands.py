"""find_models, framework_metrics and search_experiments, on the real MongoDB."""

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.documents.connection import collection
from registry.services.experiments import create_experiment
from registry.services.model_configs import insert_model_config
from registry.services.params import log_params
from registry.services.runs import end_run, start_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo")]
COMMANDS = ["find_models", "framework_metrics", "search_experiments"]


def said(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def rows(name: str, *arguments: str) -> Any:
    return json.loads(said(name, *arguments, "--json"))


@pytest.fixture
def models() -> None:
    shapes: list[tuple[str, str, int, float]] = [
        ("small", "pytorch", 32, 0.8), ("large", "pytorch", 128, 0.95), ("flat", "keras", 64, 0.9),
    ]  # fmt: skip
    for day, (name, framework, units, accuracy) in enumerate(shapes, start=1):
        config_id = insert_model_config(
            name=name,
            framework=framework,
            config={"layers": [{"units": units}, {"units": 10}], "optimizer": {"lr": units / 1_000}},
            metrics={"accuracy": accuracy, "val.loss": 1 - accuracy},
            tags=["demo", name],
        )
        at = dt.datetime(2026, 1, day, tzinfo=dt.UTC)
        collection("model_configs").update_one({"_id": config_id}, {"$set": {"created_at": at}})


def found(*arguments: str) -> list[str]:
    return [row["name"] for row in rows("find_models", *arguments)]


@pytest.mark.parametrize("command", COMMANDS)
def test_without_data_it_says_what_to_do(command: str) -> None:
    assert "manage.py seed_demo" in said(command)
    assert rows(command) == []


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ([], ["flat", "large", "small"]),
        (["--framework", "pytorch"], ["large", "small"]),
        (["--framework", "pytorch", "--where", "config.layers.0.units>=64"], ["large"]),
        (["--where", "config.layers.0.units >= 64", "--where", "metrics.accuracy<0.95"], ["flat"]),
        (["--where", "config.layers.units=10"], ["flat", "large", "small"]),
        (["--where", "framework!=keras"], ["large", "small"]),
        (["--where", "framework in keras, jax"], ["flat"]),
        (["--where", "name^=sm"], ["small"]),
        (["--where", "name^=.*"], []),
        (["--where", 'name="64"'], []),
        (["--where", "config.lora exists"], []),
        (["--where", "config.lora missing", "--limit", "1"], ["flat"]),
        (["--tag", "demo", "--tag", "large"], ["large"]),
        (["--since", "2026-01-02", "--until", "2026-01-03T00:00Z"], ["large"]),
        (["--where", "created_at<2026-01-02"], ["small"]),
        (["--sort", "metrics.accuracy"], ["small", "flat", "large"]),
        (["--sort", "config.optimizer.lr desc"], ["large", "flat", "small"]),
    ],
)
def test_models_are_found_by_any_nested_field(arguments: list[str], names: list[str], models: None) -> None:
    assert found(*arguments) == names


def test_only_the_fields_that_were_asked_for_are_shown(models: None) -> None:
    fields = "name,config.layers.0.units,config.layers.units,config.layers.7,config,tags,nothing.here"
    (row,) = rows("find_models", "--framework", "keras", "--fields", fields)
    assert row == {
        "name": "flat",
        "config.layers.0.units": 64,
        "config.layers.units": [64, 10],
        "config.layers.7": None,
        "config": {"layers": [{"units": 64}, {"units": 10}], "optimizer": {"lr": 0.064}},
        "tags": ["demo", "flat"],
        "nothing.here": None,
    }
    title, _, heading, line = said(
        "find_models", "--framework", "keras", "--fields", "name,config.optimizer.lr,tags"
    ).splitlines()
    assert (title, heading.split()) == ("Model configs", ["name", "config.optimizer.lr", "tags"])
    assert line.split() == ["flat", "0.0640", '["demo","flat"]']


def test_programs_get_whole_documents_and_find_them_by_id(models: None) -> None:
    (whole,) = rows("find_models", "--framework", "keras")
    assert whole["metrics"] == {"accuracy": 0.9, "val.loss": pytest.approx(0.1)}
    assert rows("find_models", "--where", f"id={whole['id']}", "--fields", "id,framework") == [
        {"id": whole["id"], "framework": "keras"}
    ]


def test_metrics_are_told_by_framework(models: None) -> None:
    assert rows("framework_metrics", "--metric", "accuracy") == [
        {"framework": "keras", "metric": "accuracy", "mean": 0.9, "minimum": 0.9, "maximum": 0.9, "documents": 1},
        {
            "framework": "pytorch", "metric": "accuracy", "mean": pytest.approx(0.875), "minimum": 0.8,
            "maximum": 0.95, "documents": 2,
        },
    ]  # fmt: skip
    several = rows(
        "framework_metrics", "--metric", "accuracy", "--metric", "val.loss", "--framework", "keras"
    )
    assert [row["metric"] for row in several] == ["accuracy", "val.loss"]
    assert len(rows("framework_metrics")) == 4
    assert [
        row["documents"] for row in rows("framework_metrics", "--where", "config.layers.0.units>=64")
    ] == [1] * 4
    assert "Leave a condition out" in said("framework_metrics", "--metric", "nothing")


@pytest.mark.django_db(transaction=True)
def test_experiments_and_runs_are_found_by_tags_time_and_nested_fields() -> None:
    create_experiment(name="vision", tags={"team": "a"}, custom={"budget": {"gpus": 4}})
    create_experiment(name="text", tags={"team": "b"})
    for name, rate in (("fast", 0.1), ("slow", 0.001)):
        run = start_run(experiment="vision", name=name, framework="keras")
        log_params(run_id=run.run_id, params={"opt": {"lr": rate}})
        end_run(run_id=run.run_id)
    names = {
        ("--tag", "team=a"): ["vision"],
        ("--tag", "team"): ["text", "vision"],
        ("--where", "custom.budget.gpus>2"): ["vision"],
        ("--experiment", "text"): ["text"],
        ("--until", "2020-01-01"): [],
        ("--runs", "--where", "params.opt.lr<0.01"): ["slow"],
        ("--runs", "--experiment", "vision"): ["fast", "slow"],
        ("--runs", "--experiment", "text"): [],
        ("--runs", "--where", "status=FINISHED", "--since", "2020-01-01"): ["fast", "slow"],
    }
    for arguments, expected in names.items():
        listed = [row["name"] for row in rows("search_experiments", *arguments)]
        assert sorted(listed) == expected, arguments
    assert "fast" in said("search_experiments", "--runs")


@pytest.mark.django_db(transaction=True)
def test_the_bin_and_tombstones_are_left_out() -> None:
    create_experiment(name="kept")
    create_experiment(name="binned")
    collection("experiments").update_one({"name": "binned"}, {"$set": {"deleted": True}})
    collection("experiments").insert_one(
        {"_id": "f" * 32, "v": 1, "name": "purged", "purged_at": dt.datetime.now(dt.UTC)}
    )
    assert [row["name"] for row in rows("search_experiments")] == ["kept"]
    assert len(rows("search_experiments", "--deleted")) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--where", "config"], "is no condition. Write a field"),
        (["--where", "$where=1"], "is no path"),
        (["--where", "config.$where=1"], "is no path"),
        (["--where", "__raw__=1"], "is no path"),
        (["--where", "config..a=1"], "is no path"),
        (["--where", "x" * 3_000 + "=1"], "is no condition"),
        (["--where", "created_at>yesterday"], "is no date"),
        (["--since", "2026-02-30"], "is no date"),
        (["--fields", "name,$where"], "is no path"),
        (["--fields", "0.name"], "Name a field first"),
        (["--sort", "$natural"], "is no path"),
        (["--sort", "name sideways"], "asc or desc"),
        (["--tag", "a\x00b"], "NUL"),
        (["--limit", "0"], "no number from 1"),
    ],
)
def test_what_could_be_an_operator_is_refused_with_the_cure(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message.replace("$", r"\$")):
        said("find_models", *arguments)


def test_an_object_typed_as_a_value_is_text(models: None) -> None:
    assert found("--where", 'config.optimizer.lr={"$gt":0}') == []


def test_an_experiment_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(CommandError, match="no experiment named 'x'"):
        said("search_experiments", "--experiment", "x")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("arguments", [[], ["--explain"]])
def test_without_mongodb_the_cure_is_told(command: str, arguments: list[str], mongodb_away: None) -> None:
    with pytest.raises(CommandError, match=r"manage\.py doctor"):
        said(command, *arguments)


@pytest.mark.parametrize(
    ("words", "index"),
    [
        ("find_models", "date"),
        ("find_models --framework keras", "framework_date"),
        ("find_models --where metrics.accuracy>0.9 --sort=metrics.accuracy", "accuracy"),
        ("find_models --where run_id=x", "model_date"),
        ("find_models --tag demo --sort tags", "tags"),
        ("find_models --since 2026-01-01", "date"),
        (f"find_models --where id={'a' * 32} --sort id", "_id_"),
        ("search_experiments", "date"),
        ("search_experiments --tag team=a --sort tags", "tags"),
        ("search_experiments --runs", "date"),
        ("search_experiments --runs --since 2026-01-01 --until 2026-02-01", "date"),
        ("search_experiments --runs --where experiment_id=1", "experiment_date"),
        ("search_experiments --runs --where framework=keras", "framework_date"),
        ("search_experiments --runs --where metrics.accuracy>0.9 --sort=metrics.accuracy", "accuracy"),
        ("framework_metrics --metric accuracy", "accuracy"),
        ("framework_metrics --framework keras", "framework_date"),
        ("framework_metrics --runs --metric accuracy", "accuracy"),
        ("framework_metrics", "no index; the whole collection is read"),
        ("find_models --where config.optimizer.lr>0.1 --sort name", "no index; the whole collection is read"),
    ],
)
def test_the_usual_searches_are_served_by_an_index(words: str, index: str, models: None) -> None:
    assert said(*words.split(), "--explain") == f"Served by: {index}.\n"
