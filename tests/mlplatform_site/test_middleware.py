import pytest
from django.test import Client

from registry.services.api_tokens import issue_token, revoke_token
from tests.factories import UserFactory

NOWHERE = "/api/2.0/mlflow/nowhere"


def ask(path: str = NOWHERE, **headers: str) -> int:
    return Client().get(path, headers=headers).status_code


@pytest.mark.parametrize("path", [NOWHERE, "/api/1/nowhere"])
def test_a_program_that_names_another_host_is_refused(path: str) -> None:
    assert ask(path, host="evil.example") == 400


def test_a_programs_answer_has_its_length_and_the_policy_and_no_cookie() -> None:
    answer = Client().get(NOWHERE)
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert not answer.cookies


def test_an_address_that_no_api_has_is_not_found() -> None:
    assert ask("/api/9/nothing") == 404


@pytest.mark.django_db
@pytest.mark.parametrize(("kept_ms", "answered"), [(0, [404, 401]), (60_000, [404, 404])])
def test_good_credentials_are_remembered_for_as_long_as_the_setting_says(
    settings: pytest.FixtureRequest, kept_ms: int, answered: list[int]
) -> None:
    settings.CREDENTIALS_KEPT_MS = kept_ms
    text, token = issue_token(user=UserFactory.create(), name="test", scopes=["read"])
    found = [ask(authorization=f"Bearer {text}")]
    revoke_token(token_id=token.pk)
    assert [*found, ask(authorization=f"Bearer {text}")] == answered


@pytest.mark.django_db
def test_bad_credentials_are_not_remembered(settings: pytest.FixtureRequest) -> None:
    settings.CREDENTIALS_KEPT_MS = 60_000
    text, _ = issue_token(user=UserFactory.create(), name="test", scopes=["read"])
    assert [ask(authorization=f"Bearer {each}") for each in (f"{text}x", text, f"{text}x")] == [401, 404, 401]
