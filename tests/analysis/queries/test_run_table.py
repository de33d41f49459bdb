import datetime as dt
import math

import pytest
from django.contrib.auth.models import User

from analysis.queries.run_columns import DEFAULT_SORT, chosen_columns, parsed_sort, run_column
from analysis.queries.run_table import RunFilter, RunPage, all_runs, run_page
from registry.enums import Lifecycle, RunStatus
from registry.filters import RUNS_TABLE, parse_filter
from registry.models import RunTag, TrainingRun
from registry.queries.search.run_keys import KnownKey, keys_of
from registry.queries.search.view_types import ViewType
from tests.factories import ExperimentFactory, MetricFactory, ParamFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db
NAMES = [
    "name", "status", "experiment", "dataset", "framework", "model", "owner", "accuracy", "loss", "duration",
    "started_at", "ended_at", "run_id", "lifecycle", "metrics.score", "metrics.score.min",
    "metrics.`score`.max", "params.lr", "tags.team",
]  # fmt: skip


def names(page: RunPage) -> list[str]:
    return [row.name for row in page.rows]


def everything(**wishes: object) -> RunFilter:
    return RunFilter(User(is_superuser=True), **wishes)


def meeting(text: str) -> RunFilter:
    return everything(condition=parse_filter(text, RUNS_TABLE))


@pytest.fixture
def mixed_runs() -> None:
    """Nine runs with ties and gaps in whatever can be sorted by."""
    experiment, owner = ExperimentFactory(name="e"), UserFactory(username="ada")
    for n in range(9):
        is_open = n % 4 == 0
        run = RunFactory(
            experiment=experiment if n % 2 else ExperimentFactory(name=f"e{n}"),
            name=f"run-{n}",
            status=RunStatus.RUNNING if is_open else RunStatus.FINISHED,
            accuracy=None if n % 3 == 0 else 0.5 + n % 2 / 10,
            loss=None if n % 2 else math.nan if n == 8 else n / 10,
            framework=f"f{n % 2}",
            created_by=owner if n % 3 else None,
        )
        if n % 4 == 1:
            TrainingRun.objects.filter(pk=run.pk).update(dataset=None)
        if n:
            MetricFactory(run=run, key="score", latest_value=math.nan if n == 5 else n % 3, min_value=None)
            number = None if n == 3 else float(n % 2)
            ParamFactory(
                run=run, key="lr", value="auto" if number is None else str(number), value_number=number
            )
            RunTag.objects.create(run=run, key="team", value=f"t{n % 2}")


@pytest.mark.usefixtures("mixed_runs")
@pytest.mark.parametrize("sign", ["", "-"])
def test_paging_there_and_back_shows_every_run_once_in_order(sign: str) -> None:
    for name in NAMES:
        wanted = everything(sort=f"{sign}{name}")
        whole = names(run_page(wanted, size=100))
        assert len(whole) == 9
        page = run_page(wanted, size=2)
        forward = [page]
        while page.next_cursor:
            page = run_page(wanted, cursor=page.next_cursor, size=2)
            forward.append(page)
        assert [seen for page in forward for seen in names(page)] == whole
        backward = [names(page)]
        while page.previous_cursor:
            page = run_page(wanted, cursor=page.previous_cursor, size=2)
            backward.append(names(page))
        # nine runs by two: going back, the last page but one is full, and the first one again from its start
        assert backward == [whole[8:], whole[6:8], whole[4:6], whole[2:4], whole[:2]]


@pytest.mark.usefixtures("mixed_runs")
def test_runs_without_a_value_come_last_whichever_the_direction() -> None:
    for sort in ("accuracy", "-accuracy", "metrics.score", "-metrics.score", "dataset", "-owner"):
        column = run_column(sort.removeprefix("-"))
        assert column is not None
        values = [column.value(row) for row in run_page(everything(sort=sort, columns=(column,))).rows]
        has_value = [value not in (None, "") and value == value for value in values]  # noqa: PLR0124 (NaN is not)
        assert has_value == sorted(has_value, reverse=True)
        assert True in has_value
        assert False in has_value


@pytest.mark.usefixtures("mixed_runs")
def test_params_are_sorted_as_numbers_and_texts_come_behind() -> None:
    RunTag.objects.all().delete()
    for n, value in enumerate(("10", "9", "auto")):
        ParamFactory(
            run=TrainingRun.objects.get(name=f"run-{n}"),
            key="depth",
            value=value,
            value_number=None if value == "auto" else float(value),
        )
    assert names(run_page(everything(sort="params.depth")))[:3] == ["run-1", "run-0", "run-2"]
    assert names(run_page(everything(sort="-params.depth")))[:3] == ["run-0", "run-1", "run-2"]


@pytest.mark.usefixtures("mixed_runs")
def test_a_page_goes_on_behind_a_run_that_was_purged_meanwhile() -> None:
    first = run_page(everything(sort="name"), size=3)
    TrainingRun.objects.filter(name="run-2").delete()
    assert names(run_page(everything(sort="name"), cursor=first.next_cursor, size=3)) == [
        "run-3",
        "run-4",
        "run-5",
    ]


@pytest.mark.usefixtures("mixed_runs")
def test_a_cursor_of_another_sort_or_another_hand_shows_the_first_page() -> None:
    first = run_page(everything(sort="name"), size=3)
    assert names(run_page(everything(sort="name"), cursor=first.next_cursor + "x", size=3)) == names(first)
    other = run_page(everything(sort="-name"), cursor=first.next_cursor, size=3)
    assert names(other) == ["run-8", "run-7", "run-6"]


@pytest.mark.usefixtures("mixed_runs")
def test_the_first_page_has_no_previous_one_and_the_last_no_next_one() -> None:
    page = run_page(everything(), size=9)
    assert (page.previous_cursor, page.next_cursor) == ("", "")


def test_archived_runs_and_those_of_archived_experiments_are_shown_where_asked_for() -> None:
    now = dt.datetime.now(dt.UTC)
    RunFactory(name="here")
    RunFactory(name="gone", lifecycle=Lifecycle.DELETED, deleted_at=now)
    RunFactory(name="with it", experiment__lifecycle=Lifecycle.DELETED, experiment__deleted_at=now)
    found = {view: names(run_page(everything(view=view, sort="name"))) for view in ViewType}
    assert found == {
        ViewType.ACTIVE_ONLY: ["here"],
        ViewType.DELETED_ONLY: ["gone", "with it"],
        ViewType.ALL: ["gone", "here", "with it"],
    }
    archived = {row.name: row.lifecycle for row in run_page(everything(view=ViewType.ALL)).rows}
    assert archived == {"here": "active", "gone": "deleted", "with it": "deleted"}


FILTERS = (
    "experiment = 'this'",
    "dataset = 'this'",
    "dataset.name = 'this' AND dataset IS NOT NULL",
    "framework IN ('this', 'those')",
    "status = 'FAILED'",
    "name ILIKE 'THIS%'",
    "model LIKE 'spec%'",
    "owner = 'ada'",
    "owner IS NOT NULL",
    "accuracy > 0.95",
    "loss IS NULL",
    "duration > 3600",
    "ended_at IS NOT NULL AND started_at >= '2027-01-01'",
    "params.lr > 0.5",
    "params.lr != 0.1 AND params.solver = 'adam'",
    "metrics.score >= 0.7",
    "metrics.score > 0.5 AND NOT metrics.score > 0.8",
    "metrics.score.max = 3",
    "params.solver IS NOT NULL OR tags.team = 'a'",
    "lifecycle = 'active' AND accuracy = 0.99",
)


def test_each_filter_finds_its_run_alone() -> None:
    start = dt.datetime(2027, 1, 1, 12, tzinfo=dt.UTC)
    this = RunFactory(
        name="this one",
        model_name="special",
        experiment__name="this",
        dataset__name="this",
        framework="this",
        status=RunStatus.FAILED,
        accuracy=0.99,
        loss=None,
        started_at=start,
        ended_at=start + dt.timedelta(hours=2),
        created_by=UserFactory(username="ada"),
    )
    ParamFactory(run=this, key="lr", value="0.7", value_number=0.7)
    ParamFactory(run=this, key="solver", value="adam", value_number=None)
    MetricFactory(run=this, key="score", latest_value=0.7, max_value=3)
    other = RunFactory(name="other")
    ParamFactory(run=other, key="lr", value="0.1", value_number=0.1)
    MetricFactory(run=other, key="score", latest_value=0.2)
    found = {text: names(run_page(meeting(text))) for text in FILTERS}
    assert found == {text: ["this one"] for text in FILTERS}


def test_chosen_columns_hold_each_runs_own_values() -> None:
    with_both, with_none = RunFactory(), RunFactory()
    MetricFactory(run=with_both, key="f1", latest_value=0.8, min_value=math.inf, max_value=0.9)
    MetricFactory(run=with_none, key="f1.max", latest_value=math.nan)
    ParamFactory(run=with_both, key="lr", value="0.3")
    RunTag.objects.create(run=with_both, key="team", value="a")
    columns = chosen_columns(
        ["metrics.f1", "metrics.f1.max", "metrics.f1.min", "params.lr", "tags.team", "status"]
    )
    page = run_page(everything(columns=columns))
    cells = {row.run_id: [column.value(row) for column in columns] for row in page.rows}
    assert cells[with_both.run_id] == [0.8, 0.9, math.inf, "0.3", "a", "FINISHED"]
    first, own, *rest = cells[with_none.run_id]
    assert (first, math.isnan(own), rest) == (None, True, [None, None, None, "FINISHED"])


def test_columns_are_chosen_by_any_name_that_filters_take() -> None:
    asked = [
        "run_id",
        "metric.f1",
        "metrics.f1",
        "config.a.b",
        "tags.`a b`",
        "name",
        "dataset.name",
        "no",
        "",
        "x y",
    ]
    assert [column.name for column in chosen_columns(asked)] == [
        "run_id", "metrics.f1", "params.a.b", "tags.`a b`",
    ]  # fmt: skip
    assert len(chosen_columns([f"params.p{n}" for n in range(99)])) == 24


@pytest.mark.parametrize(
    "sort", ["", "nonsense", "-metric.", "param", "password", "dataset.name", "\0", "tags.x y"]
)
def test_a_sort_that_does_not_exist_is_newest_first(sort: str) -> None:
    assert parsed_sort(sort).text == DEFAULT_SORT


def test_a_sort_may_say_its_direction_in_words() -> None:
    assert parsed_sort("metrics.f1 DESC").text == "-metrics.f1"


def test_the_keys_of_a_page_tell_where_its_runs_differ() -> None:
    one, other = RunFactory(), RunFactory()
    for run, lr in ((one, "1"), (other, "2")):
        ParamFactory(run=run, key="lr", value=lr)
        ParamFactory(run=run, key="depth", value="3")
        MetricFactory(run=run, key="f1")
    RunTag.objects.create(run=one, key="team", value="a")
    assert keys_of([one.run_id, other.run_id]) == [
        KnownKey("metric", "f1", is_differing=False),
        KnownKey("param", "depth", is_differing=False),
        KnownKey("param", "lr", is_differing=True),
        KnownKey("tag", "team", is_differing=True),
    ]
    assert keys_of([]) == []


@pytest.mark.usefixtures("mixed_runs")
def test_all_runs_are_read_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.queries.run_table.EXPORTED_AT_ONCE", 2)
    monkeypatch.setattr("analysis.queries.run_table.MOST_EXPORTED", 8)
    whole = names(run_page(everything(sort="-accuracy")))
    assert [run.name for run in all_runs(everything(sort="-accuracy"))] == whole[:8]
    monkeypatch.setattr("analysis.queries.run_table.MOST_EXPORTED", 100)
    assert [run.name for run in all_runs(everything(sort="-accuracy"))] == whole
