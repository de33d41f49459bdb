import pytest

from registry.models import RunTag, TrainingRun

from .conftest import Api


@pytest.fixture
def experiment(api: Api) -> str:
    assert api.post("experiments", {"name": "first"}).status_code == 201
    return "first"


@pytest.fixture
def run_id(api: Api, experiment: str) -> str:
    return str(api.post("runs", {"experiment": experiment}).json()["run"]["run_id"])


def test_an_experiment_is_created_and_read(api: Api) -> None:
    made = api.post(
        "experiments", {"name": "first", "description": "d", "tags": {"a": "b"}, "custom": {"x": [1]}}
    )
    assert made.status_code == 201
    experiment = made.json()["experiment"]
    assert (experiment["name"], experiment["version"]) == ("first", 1)
    read = api.get(f"experiments/{experiment['experiment_id']}")
    assert read.json()["experiment"] == experiment
    assert read["ETag"] == '"1"'


def test_a_run_is_started_and_read(api: Api, experiment: str) -> None:
    started = api.post(
        "runs", {"experiment": experiment, "name": "r", "config": {"model": {"depth": 3}}, "tags": {"a": "b"}}
    )
    assert started.status_code == 201
    assert started["ETag"] == '"1"'
    assert started["Cache-Control"] == "private, no-store"
    run = started.json()["run"]
    assert run["status"] == "RUNNING"
    read = api.get(f"runs/{run['run_id']}").json()["run"]
    assert read | run == read
    assert (read["params"], read["tags"], read["metrics"]) == ({"model.depth": "3"}, {"a": "b"}, {})


@pytest.mark.django_db(transaction=True)
def test_a_run_says_that_mongodb_has_it(api: Api, experiment: str) -> None:
    assert api.post("runs", {"experiment": experiment})["X-Projection"] == "applied"


@pytest.mark.django_db(transaction=True)
def test_a_run_is_accepted_while_mongodb_is_away(api: Api, experiment: str, mongodb_away: None) -> None:
    started = api.post("runs", {"experiment": experiment})
    assert (started.status_code, started["X-Projection"]) == (201, "pending")


def test_a_run_logs_and_ends(api: Api, run_id: str) -> None:
    points = [{"key": "loss", "value": value, "step": 1, "timestamp_ms": 1} for value in (0.5, "NaN", 2)]
    assert api.post(f"runs/{run_id}/metrics", {"metrics": points}).json() == {"logged": 3}
    assert api.post(f"runs/{run_id}/epochs", {"epoch": 2, "metrics": {"loss": 0.25}}).json() == {"epoch": 2}
    assert api.post(f"runs/{run_id}/notes", {"text": "good"}).status_code == 201
    (note,) = api.get(f"runs/{run_id}/notes").json()["notes"]
    assert (note["text"], len(note["note_id"])) == ("good", 32)
    changed = api.ask(
        "PATCH", f"runs/{run_id}", {"params": {"lr": 0.1}, "tags": {"a": "c"}, "custom": {"x": 1}}
    )
    assert changed.status_code == 200
    ended = api.post(f"runs/{run_id}/end", {"status": "FAILED", "failure_reason": "none"})
    assert ended.json()["run"]["status"] == "FAILED"
    assert api.post(f"runs/{run_id}/end", {"status": "FAILED"}).json() == ended.json()
    assert api.post(f"runs/{run_id}/end", {"status": "FINISHED"}).status_code == 409
    read = api.get(f"runs/{run_id}").json()["run"]
    assert (read["params"], read["metrics"], read["loss"]) == ({"lr": "0.1"}, {"loss": 0.25}, 0.25)
    assert api.post(f"runs/{run_id}/resume").json()["run"]["status"] == "RUNNING"
    assert api.post(f"runs/{run_id}/end").json()["run"]["status"] == "FINISHED"


def test_a_metric_that_is_no_number_comes_back_as_text(api: Api, run_id: str) -> None:
    for value in ("NaN", "Infinity", "-Infinity"):
        api.post(f"runs/{run_id}/epochs", {"epoch": 1, "metrics": {value: value}})
    assert api.get(f"runs/{run_id}").json()["run"]["metrics"] == {
        "NaN": "NaN", "Infinity": "Infinity", "-Infinity": "-Infinity",
    }  # fmt: skip


def test_a_run_goes_to_the_bin_and_comes_back(api: Api, run_id: str) -> None:
    assert api.ask("DELETE", f"runs/{run_id}").json()["run"]["lifecycle"] == "deleted"
    assert api.post(f"runs/{run_id}/end").status_code == 409
    assert api.post(f"runs/{run_id}/restore").json()["run"]["lifecycle"] == "active"


def test_a_change_is_made_whole_or_not_at_all(api: Api, run_id: str) -> None:
    api.ask("PATCH", f"runs/{run_id}", {"params": {"lr": 1}})
    version = TrainingRun.objects.get().version
    answer = api.ask("PATCH", f"runs/{run_id}", {"tags": {"a": "b"}, "params": {"lr": 2}})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "param_conflict"
    assert (RunTag.objects.count(), TrainingRun.objects.get().version) == (0, version)


def test_what_is_taken_or_missing_is_told(api: Api, experiment: str) -> None:
    assert api.post("experiments", {"name": experiment}).json()["error"]["code"] == "duplicate_name"
    missing = api.post("runs", {"experiment": "none"})
    assert missing.status_code == 404
    assert missing.json() == {
        "error": {"code": "not_found", "message": "There is no experiment named 'none'. Create it first."}
    }


def test_a_change_under_one_key_is_made_once(api: Api, run_id: str) -> None:
    def tag(value: str, key: str) -> object:
        return api.ask("PATCH", f"runs/{run_id}", {"tags": {"t": value}}, **{"Idempotency-Key": key})

    first = tag("old", "k1")
    tag("new", "k2")
    again = tag("old", "k1")  # the first request's retry comes last
    assert (first.status_code, again.status_code) == (200, 200)
    assert RunTag.objects.get(run__run_id=run_id, key="t").value == "new"
    assert tag("other", "k1").status_code == 422


def test_a_change_meant_for_an_older_version_is_refused(api: Api, run_id: str) -> None:
    match = {"If-Match": '"1"'}
    assert api.ask("PATCH", f"runs/{run_id}", {"tags": {"t": "a"}}, **match)["ETag"] == '"2"'
    stale = api.ask("PATCH", f"runs/{run_id}", {"tags": {"t": "b"}}, **match)
    assert (stale.status_code, stale.json()["error"]["code"]) == (412, "stale_version")
    assert api.post(f"runs/{run_id}/end", {}, **match).status_code == 412
    assert api.post(f"runs/{run_id}/end", {}, **{"If-Match": "*"}).status_code == 200
    assert TrainingRun.objects.get(run_id=run_id).version == 3
