import pytest
from django.utils import timezone

from registry.documents.connection import collection
from registry.documents.run import bucket_id
from registry.models import BodyPart
from registry.services.experiments import create_experiment
from registry.services.run_log import log_epoch
from registry.services.runs import end_run, start_run
from registry.services.tags import set_run_tags
from registry.sync.reconcile.unkept import keep_bodies
from registry.sync.reconcile.upgrade import keep_older_bodies
from registry.sync.relay import drain
from registry.sync.run_bodies import run_body, run_log
from tests.factories import ExperimentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


def make_older(*names: str) -> None:
    """As release 0.1 left them: in MongoDB alone, log buckets without a version."""
    BodyPart.objects.all().delete()
    for name in names:
        fields = {"ck": "", "b": ""} | ({"v": ""} if name == "run_logs" else {})
        collection(name).update_many({}, {"$unset": fields}, bypass_document_validation=True)


def test_bodies_of_an_older_release_are_kept_once_and_grow_on() -> None:
    create_experiment(name="e", custom={"any": ["shape"]})
    run = start_run(experiment="e", config={"lr": 0.1}, environment={"python": "3.11"})
    log_epoch(run_id=run.run_id, epoch=1, metrics={"loss": 1.0})
    end_run(run_id=run.run_id)
    before = run_body(run).body
    make_older("runs", "run_logs", "experiments")

    assert (keep_older_bodies(), keep_older_bodies()) == (3, 0)
    drain()
    assert run_body(run).body == before
    set_run_tags(run_id=run.run_id, tags={"t": "x"})
    log_epoch(run_id=run.run_id, epoch=2, metrics={"loss": 0.5})
    after = run_body(run).body
    assert before is not None
    assert after == before | {"tags": [{"k": "t", "v": "x"}], "metrics": {"loss": 0.5}}
    assert [each.key for each in run_log(run.run_id, "epoch")] == ["1", "2"]


def test_where_nothing_is_older_nothing_is_copied() -> None:
    create_experiment(name="e")
    start_run(experiment="e")
    assert keep_older_bodies() == 0


def test_of_a_log_that_nobody_has_nothing_is_made() -> None:
    create_experiment(name="e")
    run = start_run(experiment="e")
    keep_bodies("run_logs", [bucket_id(run.run_id, "epoch", 0)])
    assert not BodyPart.objects.filter(collection="run_logs").exists()


def test_a_copied_body_stands_as_its_row_does() -> None:
    create_experiment(name="e")
    run = start_run(experiment="e", environment={"python": "3.11"})
    end_run(run_id=run.run_id)
    make_older("runs")
    collection("runs").update_one({"_id": run.run_id}, {"$set": {"status": "RUNNING"}})
    assert keep_older_bodies() == 2
    drain()
    run.refresh_from_db()
    body = run_body(run).body
    assert body is not None
    assert (body["status"], body["environment"]) == ("FINISHED", {"python": "3.11"})


def test_what_has_been_kept_meanwhile_or_is_gone_is_left_alone() -> None:
    experiment = create_experiment(name="e")
    before = list(BodyPart.objects.values_list("part", "version", "checksum"))
    keep_bodies("experiments", [experiment.experiment_id, "77"])
    assert list(BodyPart.objects.values_list("part", "version", "checksum")) == before


def test_an_experiment_in_the_bin_stays_there() -> None:
    experiment = ExperimentFactory.create(lifecycle="deleted", deleted_at=timezone.now())
    keep_bodies("experiments", [experiment.experiment_id])
    drain()
    found = collection("experiments").find_one({"_id": experiment.experiment_id})
    assert found is not None
    assert found["deleted"] is True
