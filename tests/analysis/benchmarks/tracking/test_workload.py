"""What is expected of a search, against the plainest reading of its filter."""

import pytest

from analysis.benchmarks.tracking.jobs import WrongAnswerError, expect
from analysis.benchmarks.tracking.workload import Search, metric_value, param_value, run_name, searches


def test_values_follow_from_the_number() -> None:
    assert metric_value(1, "accuracy") == 7_919 / 100_003
    assert metric_value(1, "loss") == (7_919 + 104_729) % 100_003 / 100_003
    assert [param_value(number, "optimizer") for number in (1, 4)] == ["sgd", "adam"]
    assert run_name(7) == "run-000007"


def test_a_search_expects_the_newest_of_those_that_hold() -> None:
    search = Search("accuracy", above=True, threshold=0.5, param="layers", value="3", equal=True, order="")
    names = [n for n in range(50, 0, -1) if metric_value(n, "accuracy") > 0.5 and n % 7 == 3]
    assert search.expected(50) == [run_name(number) for number in names]
    assert search.filter_string == "metrics.accuracy > 0.5 and params.layers = '3'"


def test_a_search_expects_the_order_by_a_metric() -> None:
    search = Search("loss", True, 0.2, "optimizer", "sgd", equal=False, order="metrics.loss ASC")
    values = [metric_value(int(name[4:]), "loss") for name in search.expected(80)]
    assert values == sorted(values)
    assert min(values) > 0.2


def test_every_search_of_the_mix_finds_something_among_a_thousand() -> None:
    assert all(search.expected(1_000) for search in searches(60))
    assert len({(search.filter_string, search.order) for search in searches(60)}) == 60


def test_a_wrong_answer_is_told_in_short() -> None:
    with pytest.raises(WrongAnswerError, match=r"^runs: \[0, 1, .*…, expected 3$"):
        expect(list(range(1_000)), 3, "runs")
