import pytest
from django.http import QueryDict

from analysis.queries.comparison.state import MOST_RUNS, ComparisonState

ONE, TWO, THREE = ("1" * 32, "2" * 32, "3" * 32)
WHOLE = (
    f"run={ONE}&run={TWO}&base={TWO}&diff=only&x=wall&y=log&smooth=0.6&group=params.lr&show=last"
    "&scatter_x=params.lr&scatter_y=metrics.loss&find=net&metric=loss&metric=val_loss"
)


def read(query: str) -> ComparisonState:
    return ComparisonState.of(QueryDict(query))


def test_an_address_is_read_and_written_back_as_it_was() -> None:
    state = read(WHOLE)
    assert state.query() == WHOLE
    assert (state.run_ids, state.metrics, state.smooth) == ((ONE, TWO), ("loss", "val_loss"), 0.6)


def test_an_empty_address_asks_for_nothing() -> None:
    assert read("") == ComparisonState()
    assert ComparisonState().query() == ""


@pytest.mark.parametrize("query", ["x=sideways", "y=up", "show=worst", "smooth=much", "smooth=nan", "diff=1"])
def test_what_is_said_wrongly_is_as_usual(query: str) -> None:
    assert read(query) == ComparisonState()


@pytest.mark.parametrize(("said", "read_as"), [("-1", 0.0), ("7", 0.99), ("inf", 0.0)])
def test_smoothing_stays_in_its_bounds(said: str, read_as: float) -> None:
    assert read(f"smooth={said}").smooth == read_as


def test_runs_may_stand_together_or_be_added_and_each_counts_once() -> None:
    assert read(f"run={ONE},{TWO}&run={ONE}&add={THREE}").run_ids == (ONE, TWO, THREE)


def test_runs_may_be_taken_out() -> None:
    assert read(f"run={ONE},{TWO}&without={ONE}").run_ids == (TWO,)
    state = read(f"run={ONE},{TWO}&base={ONE}")
    assert state.without(ONE) == f"run={TWO}"
    assert state.without(TWO) == f"run={ONE}&base={ONE}"


def test_what_is_no_run_id_is_named() -> None:
    state = read(f"run=nonsense&run={ONE.upper().replace('1', 'A')}")
    assert (state.malformed, state.run_ids) == (("nonsense",), ("a" * 32,))


def test_runs_beyond_the_200th_are_counted_and_left_out() -> None:
    state = read("run=" + ",".join(f"{number:032x}" for number in range(MOST_RUNS + 3)))
    assert (len(state.run_ids), state.left_out) == (MOST_RUNS, 3)


def test_a_base_that_is_not_there_is_forgotten() -> None:
    assert read(f"run={ONE},{TWO}&base={TWO}").among((ONE,)) == read(f"run={ONE}")
