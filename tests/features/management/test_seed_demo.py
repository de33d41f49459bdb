"""One whole seeding, as a user runs it, and what it left in the stores."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, Q
from psycopg2 import sql
from pytest_django import DjangoDbBlocker

from features.management.commands.seed_demo import NOUNS
from features.models import (
    Address,
    City,
    Country,
    Customer,
    CustomerScore,
    FeatureValue,
    FeatureView,
    Purchase,
)
from features.predicting.skops_files import UNCHECKED_TYPES, read_skops
from features.queries.insights import insights
from features.queries.segments import segments
from features.recommending import run as film_run
from features.seeding import churn_run, scoring, value_runs
from features.seeding.datasets import split
from features.seeding.families import FAMILIES
from features.seeding.sweep import declared_runs
from features.services.entity_predictions import predict_entities
from features.services.online_features import get_online_features
from features.services.prediction_why import explain_prediction
from features.services.served_models import Wanted
from registry.artifacts import storage
from registry.documents.connection import database
from registry.models import (
    Artifact,
    Dataset,
    Experiment,
    Metric,
    MetricPoint,
    OutboxEntry,
    TrainingRun,
)
from registry.sync.run_bodies import run_body, run_log
from tests.emptying import empty_redis
from tests.factories import UserFactory

pytestmark = [pytest.mark.slow, pytest.mark.fault, pytest.mark.timeout(900)]
seeded = pytest.mark.usefixtures("_seeded")
OTHER_RUNS = {churn_run.RUN_ID, film_run.RUN_ID, *(run.run_id for run in value_runs.RUNS)}
of_each_family = {run.family: run for run in declared_runs()}.values()


@pytest.fixture(scope="module")
def _seeded(django_db_setup: None, django_db_blocker: DjangoDbBlocker, _collections: None) -> Iterator[None]:
    empty_redis()  # as after `init_stores`: what is not believed to be whole is read from PostgreSQL
    with django_db_blocker.unblock():
        UserFactory(username="seeder")
        call_command("seed_demo", user="seeder", stdout=StringIO())
        yield
        call_command("flush", verbosity=0, interactive=False)
    empty_redis()  # 400,000 keys that every other test would walk past


def everything() -> dict[str, str]:
    """A digest of every row and document."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(sql.Identifier(table)))
            found[table] = digest(cursor.fetchall())
    for name in database().list_collection_names():
        found[name] = digest(sorted(repr(document) for document in database()[name].find()))
    return found


def digest(rows: list[Any]) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@seeded
@pytest.mark.django_db
def test_seeding_records_50_finished_runs_of_9_families_on_4_data_sets_and_those_of_customers_and_films() -> (
    None
):
    runs = TrainingRun.objects.finished()
    assert runs.count() == TrainingRun.objects.count() == 55
    others = {churn_run.NAME, value_runs.NAME, film_run.NAME}
    assert set(runs.values_list("model_name", flat=True)) == {*FAMILIES, *others}
    assert {run.run_id for run in declared_runs()} | OTHER_RUNS == set(runs.values_list("run_id", flat=True))
    assert Dataset.objects.count() == Experiment.objects.count() == 7
    assert Counter(runs.values_list("dataset__name", flat=True)) == {
        "digits": 15,
        "breast-cancer": 12,
        "wine": 9,
        "diabetes": 14,
        "cdnow-churn": 1,
        "cdnow-purchases": 3,
        "movielens-100k": 1,
    }
    assert set(runs.values_list("created_by__username", flat=True)) == {"seeder"}


@seeded
@pytest.mark.django_db
def test_every_run_keeps_a_model_two_plots_and_its_evaluation() -> None:
    counted = TrainingRun.objects.exclude(run_id__in=OTHER_RUNS).annotate(
        models=Count("artifacts", filter=Q(artifacts__path="model/model.skops")),
        plots=Count("artifacts", filter=Q(artifacts__media_type="image/png")),
        evaluations=Count("artifacts", filter=Q(artifacts__path__startswith="evaluation/")),
    )
    assert set(counted.values_list("models", "plots", "evaluations")) == {(1, 2, 1)}


@seeded
@pytest.mark.django_db
@pytest.mark.parametrize("declared", of_each_family, ids=lambda run: f"{run.dataset}-{run.name}")
def test_logged_numbers_are_what_the_stored_model_scores(declared: Any) -> None:
    artifact = Artifact.objects.get(run__run_id=declared.run_id, path="model/model.skops")
    content = b"".join(storage.read(artifact.sha256, size_bytes=artifact.size_bytes))
    rows = split(declared.dataset, declared.seed)
    model = read_skops(content, trusted=sorted(UNCHECKED_TYPES))
    scores = scoring.fully_scored(model, declared.task, rows.x_test, rows.y_test)
    logged = dict(
        Metric.objects.filter(run__run_id=declared.run_id, key__in=scores).values_list("key", "latest_value")
    )
    run = TrainingRun.objects.get(run_id=declared.run_id)
    assert logged == scores
    assert (run.accuracy, run.loss) == (scores.get("accuracy"), scores["loss"])


@seeded
@pytest.mark.django_db
def test_the_body_keeps_the_config_nested_as_it_was_declared() -> None:
    for declared in of_each_family:
        body = run_body(TrainingRun.objects.get(run_id=declared.run_id)).body
        assert body is not None
        assert body["params"] == {**declared.config, "seed": declared.seed}


@seeded
@pytest.mark.django_db
def test_epochs_are_points_in_postgresql_and_entries_in_mongodb() -> None:
    run = TrainingRun.objects.get(name="mlp-128-64")
    points = MetricPoint.objects.filter(metric__run=run, metric__key="val_loss")
    assert list(points.order_by("step").values_list("step", flat=True)) == list(range(1, 31))
    assert [int(entry.key) for entry in run_log(run.run_id, "epoch")] == list(range(1, 31))
    assert [entry.key for entry in run_log(run.run_id, "checkpoint")] == ["10", "20", "30"]
    assert len(run_log(run.run_id, "note")) == 1


@seeded
@pytest.mark.django_db
def test_times_are_those_of_the_training() -> None:
    for run in TrainingRun.objects.all():
        assert run.ended_at is not None
        assert run.duration_seconds == pytest.approx((run.ended_at - run.started_at).total_seconds())
        times = MetricPoint.objects.filter(metric__run=run).values_list("timestamp_ms", flat=True)
        assert min(times) >= int(run.started_at.timestamp() * 1_000)
        assert max(times) <= run.ended_at.timestamp() * 1_000


@seeded
@pytest.mark.django_db
def test_mongodb_is_owed_nothing() -> None:
    assert OutboxEntry.objects.count() == 0
    assert all(run.body_version == run.version for run in TrainingRun.objects.all())


@seeded
@pytest.mark.django_db
def test_seeding_stores_cdnow_in_real_cities() -> None:
    assert (Customer.objects.count(), Purchase.objects.count()) == (23_570, 69_659)
    assert Address.objects.count() == 23_570
    assert City.objects.count() > 1_000
    assert Country.objects.count() > 100
    first = Customer.objects.get(customer_id="00001")
    assert first.joined_at == first.purchases.earliest("purchased_at").purchased_at
    assert first.address is not None
    assert first.address.city.country.name == "Yemen"


@seeded
@pytest.mark.django_db
def test_the_churn_model_beats_the_days_since_the_last_purchase_and_is_served() -> None:
    user = User.objects.get(username="seeder")
    scores = dict(Metric.objects.filter(run__run_id=churn_run.RUN_ID).values_list("key", "latest_value"))
    assert scores["roc_auc"] > scores["baseline_roc_auc"] > 0.6
    entities = {"customer_id": ["00001", "00004", "nobody"]}
    found = predict_entities(wanted=Wanted(churn_run.NAME), user=user, entities=entities)
    assert [each.answer is not None for each in found.answers] == [True, True, False]
    why = explain_prediction(wanted=Wanted(churn_run.NAME), user=user, entity={"customer_id": "00004"})
    assert why.explanation is not None
    assert (why.explanation.kind, why.explanation.unit) == ("linear", "log-odds of churned")


@seeded
@pytest.mark.django_db
def test_the_models_of_value_find_the_published_parameters_and_beat_the_simple_ways() -> None:
    found = {
        run.name: dict(run.metrics.values_list("key", "latest_value"))
        for run in TrainingRun.objects.filter(model_name=value_runs.NAME)
    }
    sample, first_half = found[value_runs.SAMPLE.name], found[value_runs.FIRST_HALF.name]
    assert sample["published_apart"] < 0.002
    for unit in ("", "spend_"):
        for what in ("mae", "rmse"):
            ways = [first_half[f"{unit}baseline_{way}_{what}"] for way in ("past", "mean")]
            assert first_half[f"{unit}{what}"] < min(ways)
    assert first_half["lift_of_best_tenth"] > first_half["baseline_past_lift_of_best_tenth"]


@seeded
@pytest.mark.django_db
def test_everyone_is_scored_by_the_champion_and_the_churn_model() -> None:
    scores = CustomerScore.objects.filter(run_id=value_runs.WHOLE.run_id, churn_probability__isnull=False)
    assert scores.count() == 23_570
    assert {each.name: each.customers for each in segments()} == {
        "vip": 1_214,
        "active": 805,
        "at_risk": 1_263,
        "dormant": 20_288,
    }
    assert [each.name for each in insights()][:2] == ["best_tenth", "best_going_quiet"]


@seeded
@pytest.mark.django_db
def test_seeding_computes_and_serves_six_quarters_of_features() -> None:
    customers = FeatureValue.objects.filter(view__entity__name="customer")
    counts = customers.values_list("view__name", "event_at").annotate(Count("pk"))
    assert {count for *_, count in counts} == {23_570}
    assert len(counts) == 19  # and the value of customers as of the end
    assert FeatureView.objects.filter(is_active=True, materialized_until=None).count() == 1
    found = get_online_features(features=["customer_rfm:frequency"], entity_keys=["00004"])
    assert (found.source, found.to_dict()) == ("online", {"customer_rfm:frequency": [3]})


@seeded
@pytest.mark.django_db
def test_what_has_no_source_is_labelled_synthetic() -> None:
    assert not Customer.objects.filter(is_synthetic=False).exists()
    assert not Address.objects.filter(is_synthetic=False).exists()


@seeded
@pytest.mark.django_db
def test_a_second_seeding_changes_nothing() -> None:
    before, said = everything(), StringIO()
    call_command("seed_demo", stdout=said)
    assert everything() == before
    assert {"registry_trainingrun", "features_purchase", "runs"} < set(before)
    assert said.getvalue().startswith(
        "Seeded 0 runs, 0 customers, 0 rows of features, 0 churn models, 0 models of customers' value,"
        " 0 scores of customers, 0 ratings of films that were absent"
    )


@seeded
@pytest.mark.django_db
@pytest.mark.parametrize("part", ["runs", "customers", "features"])
def test_one_part_can_be_seeded_alone(part: str) -> None:
    said = StringIO()
    call_command("seed_demo", "--only", part, "--scale", "1", stdout=said)
    assert said.getvalue().startswith(f"Seeded 0 {NOUNS[part][1]} that were absent, in ")


@pytest.mark.django_db
def test_an_unknown_user_is_an_error_before_anything_is_trained() -> None:
    with pytest.raises(CommandError, match="no user named 'nobody'"):
        call_command("seed_demo", "--only", "runs", "--user", "nobody")


@pytest.mark.parametrize("scale", ["0", "-1", "many"])
def test_a_scale_below_1_is_refused(scale: str) -> None:
    with pytest.raises(CommandError, match="not a whole number from 1"):
        call_command("seed_demo", f"--scale={scale}")
