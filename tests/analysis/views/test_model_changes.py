"""Forms on the pages of a registered model."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry.artifacts import storage
from registry.models import Deployment, ModelAlias, RegisteredModel, Saga
from registry.services.deployments import deploy
from registry.sync import saga_engine
from tests.analysis.views.model_worlds import ODD, model_with_versions, sent, visitor
from tests.routes.world import fingerprint

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]
CHANGES: dict[str, dict[str, Any]] = {
    "describe": {"description": "new"},
    "alias": {"alias": "champion", "version": 2, "replaces": 1},
    "alias-removal": {"alias": "champion"},
    "promotion": {"environment": "production", "version": 2, "replaces": 1, "note": "faster"},
    "stage": {"version": 2, "stage": "Production", "archives_others": "on"},
}


def path(change: str, name: str = "churn") -> str:
    return reverse(f"analysis:model-{change}", args=[name])


@pytest.fixture
def churn() -> RegisteredModel:
    """Version 1 is live in production and has an alias."""
    model = model_with_versions("churn", 3)
    ModelAlias.objects.create(model=model, alias="champion", version=model.versions.get(number=1))
    deploy(model="churn", version=1, environment="production")
    return model


@pytest.fixture
def editor(churn: RegisteredModel) -> Client:
    return visitor("EDIT", churn)


def live() -> dict[str, int]:
    rows = Deployment.objects.filter(status="live")
    return dict(rows.values_list("environment", "version__number"))


def test_a_promotion_switches_over_and_says_so(editor: Client) -> None:
    answer = sent(editor, path("promotion"), **CHANGES["promotion"])
    assert (answer.status, answer.leads_to) == (303, "/models/churn/")
    assert live() == {"production": 2}
    page = editor.get(answer.leads_to).content.decode()
    assert "Version 2 is live in production." in page
    assert "faster" in page
    again = sent(editor, path("promotion"), **CHANGES["promotion"])
    assert "is live in production already" in editor.get(again.leads_to).content.decode()
    assert Saga.objects.filter(kind="deployment.promote").count() == 2


def test_a_version_s_page_is_where_its_forms_lead_back_to(editor: Client) -> None:
    answer = sent(editor, path("stage"), **CHANGES["stage"], on_version=2)
    assert answer.leads_to == "/models/churn/versions/2/"


def test_what_the_page_did_not_know_of_is_a_conflict(editor: Client, churn: RegisteredModel) -> None:
    deploy(model="churn", version=3, environment="production")
    churn.aliases.update(version=churn.versions.get(number=3))
    before = fingerprint()
    answer = sent(editor, path("promotion"), **CHANGES["promotion"])
    assert answer.status == 409
    assert "Meanwhile version 3 is live in production." in answer.text
    answer = sent(editor, path("promotion"), **CHANGES["promotion"] | {"environment": "staging"})
    assert "Meanwhile no version is live in staging." in answer.text
    answer = sent(editor, path("alias"), **CHANGES["alias"])
    assert answer.status == 409
    assert "points at version 3. Look again" in answer.text
    answer = sent(editor, path("alias"), alias="new", version=1, replaces=2)
    assert "is not there. Look again" in answer.text
    assert fingerprint() == before


def test_a_second_promotion_is_refused_while_one_is_under_way(editor: Client, churn: RegisteredModel) -> None:
    Deployment.objects.create(model=churn, version=churn.versions.get(number=3), environment="production")
    answer = sent(editor, path("promotion"), **CHANGES["promotion"])
    assert answer.status == 409
    assert "is under way. Wait for it." in answer.text
    assert "This was not done." in answer.text
    assert live() == {"production": 1}


def test_a_damaged_file_stops_the_promotion_and_the_live_one_stays(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "verify", lambda _sha256: False)
    answer = sent(editor, path("promotion"), **CHANGES["promotion"])
    assert answer.status == 409
    assert "missing or damaged" in answer.text
    assert "could not be promoted" in answer.text
    assert live() == {"production": 1}


def test_a_promotion_whose_process_died_goes_on_by_itself(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(saga_engine, "advance", saga_engine.find_saga)
        answer = sent(editor, path("promotion"), **CHANGES["promotion"])
    page = editor.get(answer.leads_to).content.decode()
    assert "has begun and goes on by itself" in page
    assert "is on its way" in page
    assert "Promote to production" not in page
    Saga.objects.update(next_at="2020-01-01T00:00Z")
    assert saga_engine.resume_due() == 1
    assert live() == {"production": 2}
    assert "is on its way" not in editor.get(answer.leads_to).content.decode()


def test_a_deployment_is_retired_once(editor: Client, churn: RegisteredModel) -> None:
    deployment_id = churn.deployments.get().deployment_id
    for words in ("nothing answers in production now", "was taken out of production already"):
        answer = sent(editor, path("retirement"), deployment_id=deployment_id, note="old")
        assert answer.status == 303
        assert words in editor.get(answer.leads_to).content.decode()
    assert live() == {}
    assert churn.deployments.get().events.filter(note="old").count() == 1
    for unknown in ("0" * 32, deploy(model=other().name, version=1, environment="staging").deployment_id):
        assert sent(editor, path("retirement"), deployment_id=unknown).status == 404


def other() -> RegisteredModel:
    return model_with_versions("other", 1)


def test_aliases_are_set_moved_and_deleted(editor: Client, churn: RegisteredModel) -> None:
    assert sent(editor, path("alias"), **CHANGES["alias"]).status == 303
    assert sent(editor, path("alias"), alias="new", version=3, replaces=0).status == 303
    assert dict(churn.aliases.values_list("alias", "version__number")) == {"champion": 2, "new": 3}
    for words in ("is deleted", "There is no alias champion any more"):
        answer = sent(editor, path("alias-removal"), alias="champion")
        assert words in editor.get(answer.leads_to).content.decode()


def test_a_stage_is_moved_with_or_without_archiving(editor: Client, churn: RegisteredModel) -> None:
    sent(editor, path("stage"), version=3, stage="Production")
    assert set(churn.versions.values_list("number", "stage")) >= {(1, "Production"), (3, "Production")}
    sent(editor, path("stage"), **CHANGES["stage"])
    assert dict(churn.versions.values_list("number", "stage")) == {
        1: "Archived", 2: "Production", 3: "Archived",
    }  # fmt: skip


def test_a_model_is_described(editor: Client, churn: RegisteredModel) -> None:
    assert sent(editor, path("describe"), description="what\r\nfor").status == 303
    churn.refresh_from_db()
    assert churn.description == "what\r\nfor"


WRONG: list[tuple[str, dict[str, Any], int]] = [
    ("promotion", {"environment": "moon"}, 400),
    ("promotion", {"version": "x"}, 400),
    ("promotion", {"version": 9}, 404),
    ("promotion", {"version": 2**31}, 400),
    ("promotion", {"note": "x" * 1_001}, 400),
    ("promotion", {"endpoint": "a\x00b"}, 400),
    ("retirement", {"deployment_id": "what"}, 400),
    ("alias", {"alias": ""}, 400),
    ("alias", {"alias": "no spaces"}, 400),
    ("alias", {"alias": "latest"}, 400),
    ("alias", {"alias": "v3"}, 400),
    ("alias", {"version": 9}, 404),
    ("stage", {"stage": "Somewhere"}, 400),
    ("stage", {"version": -1}, 400),
    ("describe", {"description": "x" * 10_001}, 400),
]


@pytest.mark.parametrize(("level", "statuses"), [("READ", {403}), ("NO_PERMISSIONS", {403, 404})])
def test_who_may_not_edit_changes_nothing(churn: RegisteredModel, level: str, statuses: set[int]) -> None:
    client = visitor(level, churn)
    retirement = {"deployment_id": churn.deployments.get().deployment_id}
    before = fingerprint()
    for change, fields in {**CHANGES, "retirement": retirement}.items():
        assert sent(client, path(change), **fields).status in statuses, change
    assert fingerprint() == before


def test_wrong_input_changes_nothing_and_is_told(editor: Client) -> None:
    before = fingerprint()
    for change, fields, status in WRONG:
        answer = sent(editor, path(change), **CHANGES.get(change, {}) | fields)
        assert (answer.status, "This was not done." in answer.text) == (status, True), (change, fields)
    assert fingerprint() == before


@pytest.mark.parametrize("name", ["none", "a\x00b"])
def test_a_model_that_is_not_there_is_not_changed(editor: Client, name: str) -> None:
    assert sent(editor, path("describe", name), description="x").status == 404


def test_a_name_with_everything_in_it_can_be_promoted() -> None:
    model = model_with_versions(ODD, 1)
    client = visitor("EDIT", model)
    answer = sent(client, path("promotion", ODD), version=1, environment="staging", replaces=0)
    assert answer.status == 303
    assert client.get(answer.leads_to).status_code == 200
    assert live() == {"staging": 1}
