import pytest

from registry.filters import (
    RUNS,
    RUNS_TABLE,
    Comparison,
    Entity,
    Field,
    FilterError,
    field_text,
    filter_text,
    parse_filter,
    parse_order,
)


@pytest.mark.parametrize(
    "text",
    [
        "name = 'it''s'",
        "metrics.auc.max > 0.9 AND params.optimizer.lr < 0.01",
        "metrics.`val loss`.min < 1e-05",
        "metrics.`auc.max` = 3",
        "(status = 'FAILED' OR tags.team = 'a') AND NOT params.depth IN (1, 2)",
        "NOT (metrics.b = 1 OR NOT metrics.c = 2)",
        "params.lr IS NULL",
        "started_at >= '2026-11-01' AND ended_at < '2026-11-02 14:30:00'",
        "started_at > 1e+300",
        "duration > 1.5 AND accuracy IS NOT NULL",
        "dataset.digest = 'x' AND dataset IN ('a', 'b')",
    ],
)
def test_a_filter_reads_the_same_as_it_is_told(text: str) -> None:
    node = parse_filter(text, RUNS_TABLE)
    assert node is not None
    assert filter_text(node) == text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("run_name = 'a'", "name = 'a'"),
        ("attributes.user_id = 'ada'", "owner = 'ada'"),
        ("config.a.b = 'c'", "params.a.b = 'c'"),
        ("started_at > '2026-11-01T01:00:00+01:00'", "started_at > '2026-11-01'"),
        ("started_at > 1.5", "started_at > '1970-01-01 00:00:00.001500'"),
        ("started_at > 1e-9", "started_at > 1e-09"),
        ("metrics.'a`\"b' > 1", "metrics.'a`\"b' > 1"),
    ],
)
def test_a_field_has_one_name_in_the_runs_table(typed: str, told: str) -> None:
    node = parse_filter(typed, RUNS_TABLE)
    assert node is not None
    assert filter_text(node) == told


def test_a_key_with_every_kind_of_quotes_has_no_name() -> None:
    with pytest.raises(ValueError, match="No filter can name"):
        field_text(Field(Entity.TAG, "`\"'"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("started_at > 'yesterday'", "Expected a date in quotes"),
        ("started_at LIKE '2026%'", "Invalid comparator 'LIKE'"),
        ("name IS NULL", "Invalid comparator 'IS NULL'"),
        ("artifact_uri = 'x'", "Invalid attribute key 'artifact_uri'. Valid keys are name, status, exp"),
    ],
)
def test_the_runs_table_refuses_what_it_does_not_have(text: str, why: str) -> None:
    with pytest.raises(FilterError, match=why):
        parse_filter(text, RUNS_TABLE)


def test_mlflow_keeps_its_own_attributes() -> None:
    with pytest.raises(FilterError, match="Invalid attribute key 'accuracy'"):
        parse_filter("accuracy > 0.5", RUNS)
    with pytest.raises(FilterError, match="Invalid comparator 'IS NULL'"):
        parse_filter("end_time IS NULL", RUNS)
    assert parse_order("accuracy DESC", RUNS_TABLE).field == Field(Entity.ATTRIBUTE, "accuracy")


def test_a_comparison_without_a_value_has_none() -> None:
    assert filter_text(Comparison(Field(Entity.TAG, "a"), "IS NULL", None)) == "tags.a IS NULL"
