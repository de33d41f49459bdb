"""Customers over the API."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from features.models import Onboarding
from registry.services.api_tokens import issue_token

pytestmark = pytest.mark.django_db
ADA = {"name": "Ada Lima", "email": "ada@example.com", "city": "Lyon", "country": "FR"}


@pytest.fixture
def api() -> Client:
    user = User.objects.create_superuser("boss")
    token, _ = issue_token(user=user, name="t", scopes=["read", "write"])
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_an_application_is_accepted_with_an_address_to_ask_at(api: Client) -> None:
    answer = api.post(
        "/api/1/customers", ADA | {"joined_at": "2026-01-02T03:04:05Z"}, content_type="application/json"
    )
    assert answer.status_code == 202
    story = api.get(answer["Location"]).json()["onboarding"]
    assert story == answer.json()["onboarding"]
    assert (story["state"], story["city"], len(story["steps"])) == ("running", "Lyon", 6)
    assert [step["state"] for step in story["steps"]] == ["promised"] + ["waiting"] * 5


def test_the_same_request_twice_is_one_onboarding(api: Client) -> None:
    answers = [
        api.post("/api/1/customers", ADA, content_type="application/json", headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Onboarding.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"email": "nobody"}, 400, "no email address"),
        ({"country": "Atlantis"}, 400, "no country"),
        ({"joined_at": "yesterday"}, 400, "ISO 8601"),
        ({"joined_at": "2026-13-45T00:00:00Z"}, 400, "ISO 8601"),
        ({"joined_at": "2026-01-02T00:00:00"}, 400, "time zone"),
        ({"city": None}, 400, "'city' is missing"),
        ({"vip": True}, 400, "Unknown field"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    api: Client, change: dict[str, object], status: int, said: str
) -> None:
    answer = api.post("/api/1/customers", ADA | change, content_type="application/json")
    assert (answer.status_code, said in answer.json()["error"]["message"]) == (status, True)
    assert not Onboarding.objects.exists()


def test_an_email_that_is_taken_is_a_conflict_that_names_the_other(api: Client) -> None:
    first = api.post("/api/1/customers", ADA, content_type="application/json").json()["onboarding"]
    answer = api.post("/api/1/customers", ADA, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "duplicate_name")
    assert first["onboarding_id"] in answer.json()["error"]["message"]


def test_an_onboarding_that_is_not_there_is_not_found(api: Client) -> None:
    assert api.get("/api/1/onboardings/1").status_code == 404
