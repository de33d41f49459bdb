import datetime as dt
import math

import pytest

from analysis.queries.conditions import parsed
from analysis.queries.run_sorting import COLUMNS, DEFAULT_SORT, parsed_sort
from analysis.queries.run_table import RunFilter, RunPage, run_page
from registry.enums import Lifecycle, RunStatus
from registry.exceptions import BadInputError
from registry.models import TrainingRun
from tests.factories import ExperimentFactory, MetricFactory, ParamFactory, RunFactory

pytestmark = pytest.mark.django_db
SORTS = [f"{sign}{name}" for name in (*COLUMNS, "metric.score", "param.lr") for sign in ("", "-")]


def names(page: RunPage) -> list[str]:
    return [row.name for row in page.rows]


@pytest.fixture
def mixed_runs() -> None:
    """Nine runs with ties and gaps in whatever can be sorted by."""
    experiment = ExperimentFactory(name="e")
    for n in range(9):
        is_open = n % 4 == 0
        run = RunFactory(
            experiment=experiment,
            name=f"run-{n}",
            status=RunStatus.RUNNING if is_open else RunStatus.FINISHED,
            accuracy=None if n % 3 == 0 else 0.5 + n % 2 / 10,
            loss=None if n % 2 else math.nan if n == 8 else n / 10,
            framework=f"f{n % 2}",
        )
        if n:
            MetricFactory(run=run, key="score", latest_value=math.nan if n == 5 else n % 3)
            number = None if n == 3 else float(n % 2)
            ParamFactory(
                run=run, key="lr", value="auto" if number is None else str(number), value_number=number
            )


@pytest.mark.usefixtures("mixed_runs")
@pytest.mark.parametrize("sort", SORTS)
def test_paging_there_and_back_shows_every_run_once_in_order(sort: str) -> None:
    wanted = RunFilter(sort=sort)
    whole = names(run_page(wanted, size=100))
    assert len(whole) == {"metric": 7, "param": 8}.get(sort.removeprefix("-").split(".")[0], 9)
    page, forward = run_page(wanted, size=2), []
    while True:
        forward.append(names(page))
        if not page.next_cursor:
            break
        page = run_page(wanted, cursor=page.next_cursor, size=2)
    assert [name for names_of_page in forward for name in names_of_page] == whole
    backward = [names(page)]
    while page.previous_cursor:
        page = run_page(wanted, cursor=page.previous_cursor, size=2)
        backward.append(names(page))
    assert backward[-1] == forward[0]
    assert [name for name in whole if not any(name in seen for seen in backward)] == []


@pytest.mark.usefixtures("mixed_runs")
def test_runs_without_a_value_come_last_whichever_the_direction() -> None:
    for sort in ("accuracy", "-accuracy"):
        values = [row.accuracy for row in run_page(RunFilter(sort=sort)).rows]
        assert values[-3:] == [None, None, None]
        assert None not in values[:-3]


@pytest.mark.usefixtures("mixed_runs")
def test_a_page_goes_on_behind_a_run_that_was_purged_meanwhile() -> None:
    first = run_page(RunFilter(sort="name"), size=3)
    TrainingRun.objects.filter(name="run-2").delete()
    assert names(run_page(RunFilter(sort="name"), cursor=first.next_cursor, size=3)) == [
        "run-3",
        "run-4",
        "run-5",
    ]


@pytest.mark.usefixtures("mixed_runs")
def test_a_cursor_of_another_sort_or_another_hand_shows_the_first_page() -> None:
    first = run_page(RunFilter(sort="name"), size=3)
    assert names(run_page(RunFilter(sort="name"), cursor=first.next_cursor + "x", size=3)) == names(first)
    other = run_page(RunFilter(sort="-name"), cursor=first.next_cursor, size=3)
    assert names(other) == ["run-8", "run-7", "run-6"]


@pytest.mark.usefixtures("mixed_runs")
def test_the_first_page_has_no_previous_one_and_the_last_no_next_one() -> None:
    page = run_page(RunFilter(), size=9)
    assert (page.previous_cursor, page.next_cursor) == ("", "")


def test_deleted_runs_are_not_listed() -> None:
    RunFactory(lifecycle=Lifecycle.DELETED, deleted_at=dt.datetime.now(dt.UTC))
    assert run_page(RunFilter()).rows == []


@pytest.mark.parametrize(
    "wanted",
    [
        RunFilter(experiment="this"),
        RunFilter(dataset="this"),
        RunFilter(framework="this"),
        RunFilter(status=RunStatus.FAILED),
        RunFilter(text="THIS"),
        RunFilter(text="special"),
        RunFilter(min_accuracy=0.95),
        RunFilter(params=tuple(parsed("lr>0.5"))),
        RunFilter(params=tuple(parsed("lr!=0.1 and solver=adam"))),
        RunFilter(metrics=tuple(parsed("score>=0.7"))),
        RunFilter(metrics=tuple(parsed("score>0.5 and score<0.8"))),
    ],
)
def test_each_filter_finds_its_run_alone(wanted: RunFilter) -> None:
    this = RunFactory(
        name="this one",
        model_name="special",
        experiment__name="this",
        dataset__name="this",
        framework="this",
        status=RunStatus.FAILED,
        accuracy=0.99,
    )
    ParamFactory(run=this, key="lr", value="0.7", value_number=0.7)
    ParamFactory(run=this, key="solver", value="adam", value_number=None)
    MetricFactory(run=this, key="score", latest_value=0.7)
    other = RunFactory(name="other")
    ParamFactory(run=other, key="lr", value="0.1", value_number=0.1)
    MetricFactory(run=other, key="score", latest_value=0.2)
    assert names(run_page(wanted)) == ["this one"]


def test_chosen_columns_hold_each_runs_own_values() -> None:
    with_both, with_none = RunFactory(), RunFactory()
    MetricFactory(run=with_both, key="f1", latest_value=0.8)
    ParamFactory(run=with_both, key="lr", value="0.3")
    page = run_page(RunFilter(metric_columns=("f1", "auc"), param_columns=("lr",)))
    cells = {row.run_id: (row.metrics, row.params) for row in page.rows}
    assert cells == {
        with_both.run_id: ([0.8, None], ["0.3"]),
        with_none.run_id: ([None, None], [None]),
    }
    assert (page.metric_keys, page.param_keys) == (["f1"], ["lr"])


@pytest.mark.parametrize("sort", ["", "nonsense", "-metric.", "param", "password"])
def test_a_sort_that_does_not_exist_is_newest_first(sort: str) -> None:
    assert parsed_sort(sort).text == DEFAULT_SORT


@pytest.mark.parametrize("text", ["lr", "lr >", "=3", "lr~3", "lr=1 and depth", "depth>many"])
def test_what_is_no_condition_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(BadInputError, match="“"):
        parsed(text)


def test_a_metric_is_compared_with_numbers_only() -> None:
    with pytest.raises(BadInputError, match="A metric is a number"):
        run_page(RunFilter(metrics=tuple(parsed("score=high"))))


def test_conditions_keep_keys_with_dots_and_values_with_quotes() -> None:
    (first, second) = parsed("model.layers.0 >= 1e-3 AND name='a b'")
    assert (first.key, first.operator, first.number) == ("model.layers.0", ">=", 1e-3)
    assert (second.key, second.operator, second.value, second.number) == ("name", "=", "a b", None)


def test_an_infinite_number_is_text() -> None:
    assert parsed("lr=inf")[0].number is None
