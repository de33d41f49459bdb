import pytest

from analysis.choosing.catalog import STORES
from analysis.choosing.chooser import choose
from analysis.choosing.questions import QUESTIONS, answers
from analysis.choosing.rules import RULES
from analysis.choosing.stores import StoreName
from analysis.choosing.use_cases import USE_CASES, UseCase

PG, MONGO, REDIS, FILES = StoreName.POSTGRESQL, StoreName.MONGODB, StoreName.REDIS, StoreName.FILES
COLUMN, GRAPH, TIME = StoreName.COLUMN_FAMILY, StoreName.GRAPH, StoreName.TIME_SERIES

SCENARIOS = [
    ("orders with rules", PG, {"shape": "rows", "access": ["query", "joins"], "consistency": "transactions"}),
    ("a report over everything", PG, {"shape": "rows", "access": "query", "latency": "seconds"}),
    ("configs as they come", MONGO, {"shape": "documents", "access": "key", "consistency": "record"}),
    ("events that end", MONGO, {"shape": "events", "access": ["range", "query"], "retention": "expires"}),
    ("a session", REDIS, {"shape": "key-value", "access": "key", "retention": "expires", "loss": "acceptable"}),
    ("the best hundred", REDIS, {"access": "ranking", "latency": "below-1-ms", "loss": "rebuilt"}),
    ("bells", REDIS, {"access": "live", "consistency": "eventual", "loss": "acceptable"}),
    ("the only copy by key", PG, {"shape": "key-value", "access": "key", "loss": "never", "operations": "none"}),
    ("model files", FILES, {"shape": "files", "access": "key", "loss": "never"}),
    ("files in a transaction", FILES, {"shape": "files", "consistency": "transactions"}),
    ("sensors", TIME, {"shape": "points", "access": "windows", "retention": "thins", "operations": "some"}),
    ("sensors without hands", PG, {"shape": "points", "access": "windows", "retention": "thins", "operations": "none"}),
    ("paths", GRAPH, {"shape": "graph", "access": "traversal", "depth": "many", "operations": "dedicated"}),
    ("paths without hands", PG, {"shape": "graph", "access": "traversal", "depth": "many", "operations": "none"}),
    ("a click stream of the world", COLUMN, {"shape": "events", "access": "key", "volume": "cluster",
                                             "writes": "extreme", "operations": "dedicated"}),
    ("the same without hands", MONGO, {"shape": "events", "access": "key", "volume": "cluster",
                                       "writes": "extreme", "operations": "none"}),
    ("words in names", PG, {"shape": "rows", "access": "text"}),
]  # fmt: skip


@pytest.mark.parametrize(("told", "best", "given"), SCENARIOS, ids=[each[0] for each in SCENARIOS])
def test_scenario_leads_to_its_store(told: str, best: StoreName, given: dict[str, str]) -> None:
    assert choose(answers(**given)).best.store.name is best


@pytest.mark.parametrize("case", USE_CASES, ids=lambda case: case.slug)
def test_the_chooser_and_the_matrix_come_to_the_same(case: UseCase) -> None:
    assert choose(case.asks).best.store.name is case.best


def test_every_point_has_its_reason_and_the_points_add_up() -> None:
    for ranked in choose(USE_CASES[0].asks).ranked:
        assert ranked.points == sum(each.points for each in ranked.contributions)
        assert all(each.reason and each.words for each in ranked.contributions)


def test_the_same_answers_in_any_order_give_the_same_choice() -> None:
    one = answers(shape="rows", access=["joins", "key"], loss="never")
    other = answers(loss="never", access=("key", "joins"), shape="rows")
    assert choose(one) == choose(other)


def test_without_answers_nothing_has_points_and_nothing_is_ruled_out() -> None:
    choice = choose(answers())
    assert {each.points for each in choice.ranked} == {0}
    assert choice.ruled_out == ()
    assert choice.answers == ()


def test_redis_may_not_be_the_only_copy() -> None:
    choice = choose(answers(shape="key-value", access="key", latency="below-1-ms", loss="never"))
    redis = next(each for each in choice.ruled_out if each.store.name is REDIS)
    assert redis.excluded == (
        "it may not be the only copy: “cache” evicts, and “store” may lose its last second",
    )
    assert "the outbox brings a copy to Redis" in choice.conflicts[0].advice


def test_fast_reads_and_joins_are_told_as_a_conflict_with_the_way_out() -> None:
    choice = choose(answers(access=["key", "joins"], latency="below-1-ms"))
    assert choice.best.store.name is PG
    assert [each.advice for each in choice.conflicts] == [
        "Keep the record in PostgreSQL and a copy of each finished answer in Redis, told by the outbox."
    ]


def test_what_nobody_can_run_is_told_with_what_to_use_instead() -> None:
    choice = choose(answers(shape="graph", access="traversal", depth="many", operations="none"))
    assert choice.missed is not None
    assert choice.missed.store.name is GRAPH
    assert "recursive query with a CYCLE clause" in choice.inside


def test_a_store_that_other_answers_rule_out_as_well_is_not_called_missed() -> None:
    choice = choose(
        answers(shape="events", volume="cluster", writes="extreme", access="joins", operations="none")
    )
    assert choice.missed is None


def test_a_store_that_is_not_run_comes_with_what_to_use_instead() -> None:
    assert "sharded by the same key" in choose(answers(volume="cluster", writes="extreme")).inside
    assert choose(answers(shape="rows")).inside == ""


def test_a_close_second_is_told() -> None:
    assert choose(USE_CASES[2].asks).is_close
    assert not choose(USE_CASES[0].asks).is_close


def test_every_answer_has_rules_and_every_rule_an_answer() -> None:
    assert {question.slug: set(question.slugs) for question in QUESTIONS} == {
        slug: set(rules) for slug, rules in RULES.items()
    }


def test_no_store_is_weighed_twice_by_one_answer() -> None:
    for rules in RULES.values():
        for weights in rules.values():
            names = [weight.store for weight in weights]
            assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"shape": "cubes"}, "shape can't be “cubes”; choose of rows, documents"),
        ({"colour": "red"}, "There is no question “colour”"),
        ({"shape": ["rows", "events"]}, "shape takes one answer"),
    ],
)
def test_answers_that_are_none_are_refused(given: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        answers(**given)


def test_postgresql_is_never_ruled_out() -> None:
    for question in QUESTIONS:
        for slug in question.slugs:
            assert PG not in {each.store.name for each in choose(answers(**{question.slug: slug})).ruled_out}


def test_every_store_tells_its_trade_offs_and_the_others_their_sources() -> None:
    for store in STORES.values():
        assert store.strengths
        assert store.weaknesses
        assert all(told for _, told in store.facets)
        assert store.is_run or (store.sources and store.instead)
