import pytest

from analysis.queries.comparison.columns import chosen_field, columns_of, group_fields
from analysis.queries.comparison.facts import RunFacts, facts_of
from analysis.queries.comparison.runs import ComparedRun, compared_runs
from registry.models import RunInput, RunTag
from tests.factories import DatasetFactory, ParamFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs() -> list[ComparedRun]:
    """Ten runs of two models and ten learning rates; the last one has no data set."""
    made = [
        RunFactory.create(
            model_name="forest" if n < 7 else "net", experiment__name=f"e{n}", dataset__name=f"d{n}"
        )
        for n in range(9)
    ]
    made.append(RunFactory.create(model_name="net", experiment__name="e9", dataset=None))
    for n, run in enumerate(made):
        ParamFactory.create(run=run, key="lr", value=str(n))
        RunTag.objects.create(run=run, key="team", value="a" if n else "b")
    return compared_runs([run.run_id for run in made], viewer=UserFactory.create())


def test_the_params_tags_and_inputs_of_runs_come_by_run() -> None:
    run = RunFactory.create()
    ParamFactory.create(run=run, key="lr", value="0.1")
    RunTag.objects.create(run=run, key="team", value="a")
    for name in ("x", "y"):
        dataset = DatasetFactory.create(name=name, digest=name * 20)
        RunInput.objects.create(run=run, dataset=dataset, context="test")
    inputs = {"test": f"x · {'x' * 12}, y · {'y' * 12}"}
    assert facts_of([run.pk]).of_runs == {run.pk: RunFacts({"lr": "0.1"}, {"team": "a"}, inputs)}
    assert facts_of([]).of_runs == {}


@pytest.mark.parametrize(("most", "kept"), [("MOST_VALUES", ["a", "z"]), ("MOST_BYTES", ["a", "z"])])
def test_of_too_many_params_the_first_ones_and_named_ones_are_read_and_the_rest_counted(
    most: str, kept: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "facts" if most == "MOST_BYTES" else "first_keys"
    monkeypatch.setattr(f"analysis.queries.comparison.{module}.{most}", 2)
    one, other = RunFactory.create(), RunFactory.create()
    for key in "abcz":
        ParamFactory.create(run=one, key=key, value="1")
    ParamFactory.create(run=other, key="a", value="2")
    facts = facts_of([one.pk, other.pk], named=["z"])
    assert (list(facts.of_runs[one.pk].params), facts.left_out) == (kept, {"params": 2, "tags": 0})


def test_runs_can_be_grouped_by_whatever_they_differ_in(runs: list[ComparedRun]) -> None:
    fields = group_fields(runs, facts_of([run.pk for run in runs]).of_runs)
    assert [(each.name, each.count) for each in fields] == [
        ("model", 2),
        ("dataset", 10),
        ("experiment", 10),
        ("params.lr", 10),
        ("tags.team", 2),
    ]


def test_above_eight_runs_the_first_field_of_few_groups_is_chosen(runs: list[ComparedRun]) -> None:
    fields = group_fields(runs, facts_of([run.pk for run in runs]).of_runs)
    assert chosen_field("", runs, fields) == "model"
    assert chosen_field("tags.team", runs, fields) == "tags.team"
    assert chosen_field("unknown", runs[:8], fields) == ""
    assert chosen_field("", runs, []) == "model"


def test_a_group_shares_a_look_and_the_base_is_where_the_run_is(runs: list[ComparedRun]) -> None:
    facts = facts_of([run.pk for run in runs]).of_runs
    columns = columns_of(runs, facts, field="model", base=runs[9].run_id)
    assert [(each.label, len(each.runs), each.is_base) for each in columns] == [
        ("forest", 7, False),
        ("net", 3, True),
    ]
    assert [{run.look for run in each.runs} for each in columns] == [{0}, {1}]


def test_the_seven_largest_groups_stand_alone(runs: list[ComparedRun]) -> None:
    facts = facts_of([run.pk for run in runs]).of_runs
    columns = columns_of(runs, facts, field="dataset", base="")
    assert [each.label for each in columns] == [*(f"d{n}" for n in range(7)), "all others"]
    assert (len(columns[-1].runs), columns[0].is_base) == (3, True)


def test_without_a_field_each_run_is_a_column(runs: list[ComparedRun]) -> None:
    columns = columns_of(runs[:2], {}, field="", base="unknown")
    assert [(each.run.run_id, each.is_base) for each in columns] == [
        (runs[0].run_id, True),
        (runs[1].run_id, False),
    ]


def test_groups_are_of_whole_values_and_a_run_without_one_is_none_of_them(runs: list[ComparedRun]) -> None:
    facts = facts_of([run.pk for run in runs]).of_runs
    long = "x" * 90
    for run, value in zip(runs, [f"{long}a", f"{long}b", "none", "", "all others"], strict=False):
        facts[run.pk].params["layers"] = value
    assert ("params.layers", 6) in [(each.name, each.count) for each in group_fields(runs, facts)]
    columns = columns_of(runs, facts, field="params.layers", base="")
    assert [(each.label, len(each.runs)) for each in columns] == [
        ("none", 5),
        (f"{'x' * 80}…", 1),
        (f"{'x' * 80}… (2)", 1),
        ("none (2)", 1),
        ("empty", 1),
        ("all others", 1),
    ]
