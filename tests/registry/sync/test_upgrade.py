import pytest

from registry.documents.connection import collection
from registry.models import BodyPart
from registry.services.experiments import create_experiment
from registry.services.run_log import log_epoch
from registry.services.runs import end_run, start_run
from registry.services.tags import set_run_tags
from registry.sync.reconcile.upgrade import keep_older_bodies
from registry.sync.relay import drain
from registry.sync.run_bodies import run_body, run_log

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
