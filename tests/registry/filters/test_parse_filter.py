"""What filters say, and what is said about wrong ones."""

import pytest

from registry.exceptions import BadInputError
from registry.filters import (
    EXPERIMENTS,
    LOGGED_MODELS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    And,
    Comparison,
    Entity,
    Field,
    FilterError,
    Node,
    Not,
    Or,
    Order,
    Subject,
    Value,
    parse_filter,
    parse_order,
)


def compared(
    key: str, operator: str, value: Value, entity: Entity = Entity.ATTRIBUTE, **more: str
) -> Comparison:
    return Comparison(Field(entity, key, **more), operator, value)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("metrics.auc > 0.9", compared("auc", ">", 0.9, Entity.METRIC)),
        ("metric.`a b` >= -1e-3", compared("a b", ">=", -0.001, Entity.METRIC)),
        ('metrics."a/b" != .5', compared("a/b", "!=", 0.5, Entity.METRIC)),
        ("metrics.val-loss<-1", compared("val-loss", "<", -1.0, Entity.METRIC)),
        ("metrics.train/loss = 1", compared("train/loss", "=", 1.0, Entity.METRIC)),
        ("params.a = 'x'", compared("a", "=", "x", Entity.PARAM)),
        ('parameter.a = "it\'s"', compared("a", "=", "it's", Entity.PARAM)),
        ("parameters.a LIKE '%x'", compared("a", "LIKE", "%x", Entity.PARAM)),
        ("param.a ilike 'X_'", compared("a", "ILIKE", "X_", Entity.PARAM)),
        ("params.optimizer.lr < 0.01", compared("optimizer.lr", "<", 0.01, Entity.PARAM)),
        ("config.optimizer.lr < 0.01", compared("optimizer.lr", "<", 0.01, Entity.PARAM)),
        ("params.lr.max = 3", compared("lr.max", "=", 3.0, Entity.PARAM)),
        ("params.depth IN (3, 5)", compared("depth", "IN", (3.0, 5.0), Entity.PARAM)),
        ("tags.mlflow.user = 'ada'", compared("mlflow.user", "=", "ada", Entity.TAG)),
        ("tag.`mlflow.user` IN ('ada', 'eve')", compared("mlflow.user", "IN", ("ada", "eve"), Entity.TAG)),
        ("tags.a IS NULL", compared("a", "IS NULL", None, Entity.TAG)),
        ("params.a is not null", compared("a", "IS NOT NULL", None, Entity.PARAM)),
        ("dataset.name = 'iris'", compared("name", "=", "iris", Entity.DATASET)),
        ("datasets.context NOT IN ('eval')", compared("context", "NOT IN", ("eval",), Entity.DATASET)),
        ("run_id IN ('a', 'b',)", compared("run_id", "IN", ("a", "b"))),
        ("attributes.status = 'RUNNING'", compared("status", "=", "RUNNING")),
        ("attr.`Run name` = 'x'", compared("run_name", "=", "x")),
        ("run.created > 5", compared("start_time", ">", 5.0)),
        ("start_time <= '17'", compared("start_time", "<=", 17.0)),
        ("metrics.auc.max > 1", compared("auc", ">", 1.0, Entity.METRIC, statistic="max", or_key="auc.max")),
        ("metrics.`auc`.min > 1", compared("auc", ">", 1.0, Entity.METRIC, statistic="min")),
        ("metrics.`auc.max` > 1", compared("auc.max", ">", 1.0, Entity.METRIC)),
        ("tags.a = 'it''s'", compared("a", "=", "it's", Entity.TAG)),
        ("((status = 'a'))", compared("status", "=", "a")),
    ],
)
def test_a_comparison_is_read(text: str, meaning: Node) -> None:
    assert parse_filter(text, RUNS) == meaning


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_filter_says_nothing(text: str) -> None:
    assert parse_filter(text, RUNS) is None


def test_and_binds_more_tightly_than_or_and_not_more_tightly_than_both() -> None:
    a, b, c = (compared("status", "=", each) for each in "abc")
    text = "not status = 'a' and status = 'b' OR status = 'c'"
    assert parse_filter(text, RUNS) == Or((And((Not(a), b)), c))
    grouped = "NOT (status = 'a' AND (status = 'b' OR status = 'c'))"
    assert parse_filter(grouped, RUNS) == Not(And((a, Or((b, c)))))


@pytest.mark.parametrize(
    ("text", "subject", "key"),
    [
        ("creation_time > 5", EXPERIMENTS, "creation_time"),
        ("attribute.name = 'x'", EXPERIMENTS, "name"),
        ("creation_timestamp > 5", LOGGED_MODELS, "creation_timestamp_ms"),
        ("name IN ('a')", REGISTERED_MODELS, "name"),
        ("version_number = '3'", MODEL_VERSIONS, "version_number"),
        ("source_path LIKE '%x%'", MODEL_VERSIONS, "source_path"),
    ],
)
def test_each_subject_has_attributes_of_its_own(text: str, subject: Subject, key: str) -> None:
    assert parse_filter(text, subject).field.key == key


@pytest.mark.parametrize(
    ("text", "subject", "why", "at"),
    [
        ("' OR 1=1--", RUNS, "This quote is not closed", 0),
        ("status = 'abc", RUNS, "This quote is not closed", 9),
        ("metrics.a > ", RUNS, "found the end", 11),
        ("metrics.a == 1", RUNS, "Invalid comparator '=='", 10),
        ("metrics.a > 'x'", RUNS, "Expected a number", 12),
        ("metrics.a > 1e999", RUNS, "too large", 12),
        ("tags.x = 5", RUNS, "Expected a quoted text", 9),
        ("params.x > 'a'", RUNS, "without quotes", 11),
        ("params.x IN ('a', 1)", RUNS, "not both", 13),
        ("start_time > 'soon'", RUNS, "Expected a number", 13),
        ("end_time IS NULL", RUNS, "Invalid comparator 'IS NULL'", 0),
        ("foo.a = 'b'", RUNS, "Invalid entity type 'foo'", 0),
        ("metrics.a > 1", EXPERIMENTS, "Invalid entity type 'metrics'", 0),
        ("run.name = 'x'", EXPERIMENTS, "Invalid entity type 'run'", 0),
        ("status = 'a' and nothing = 1", RUNS, "Invalid attribute key 'nothing'", 17),
        ("dataset.size = 'a'", RUNS, "Invalid dataset key 'size'", 0),
        ("params.`` = 'a'", RUNS, "1 to 1000 characters", 0),
        ("metrics.``.max > 1", RUNS, "1 to 1000 characters", 0),
        ("status = 'x' status = 'y'", RUNS, "Expected AND or OR", 13),
        ("((status = 'x')", RUNS, "closing parenthesis", 15),
        ("run_id IN ()", RUNS, "a number or a quoted text", 11),
        ("status = 'a'; drop table x", RUNS, "Expected", 12),
        ("status = 'a\0'", RUNS, "can't be stored", 11),
        ("status LIKE '" + "%_" * 11 + "'", RUNS, "at most 20 wildcards", 12),
        ("run_id IN (" + "''," * 1_001 + ")", RUNS, "at most 1000 values", 3_011),
        (" AND ".join(["status = 'x'"] * 201), RUNS, "at most 200 comparisons", 3_400),
        ("NOT " * 31 + "status = 'x'", RUNS, "more than 30 deep", 0),
        ("x" * 20_001, RUNS, "at most 20,000 characters", 20_000),
    ],
)
def test_a_wrong_filter_is_refused_at_its_place(text: str, subject: Subject, why: str, at: int) -> None:
    with pytest.raises(FilterError, match=why) as refused:
        parse_filter(text, subject)
    assert refused.value.at == at


def test_the_message_points_at_the_place() -> None:
    with pytest.raises(BadInputError) as refused:
        parse_filter("metrics.a > 0 AND\nmetrics.b > x", RUNS)
    said, shown, caret = str(refused.value).split("\n")
    assert said == "Expected a number or a quoted text, found 'x'."
    assert (shown, caret) == ("  metrics.a > 0 AND metrics.b > x", f"{' ' * 32}^ (character 31)")


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("metrics.auc DESC", Order(Field(Entity.METRIC, "auc"), is_descending=True)),
        ("start_time", Order(Field(Entity.ATTRIBUTE, "start_time"), is_descending=False)),
        ("`Run name` asc", Order(Field(Entity.ATTRIBUTE, "run_name"), is_descending=False)),
    ],
)
def test_an_order_is_read(text: str, order: Order) -> None:
    assert parse_order(text, RUNS) == order


@pytest.mark.parametrize("text", ["", "metrics.a sideways", "nothing", "a, b"])
def test_a_wrong_order_is_refused(text: str) -> None:
    with pytest.raises(BadInputError):
        parse_order(text, RUNS)
