import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from registry.exceptions import BadInputError, NotFoundError
from registry.models import ApiToken
from registry.services.api_tokens import issue_token, revoke_token, verify_token
from tests.factories import UserFactory
from tests.side_by_side import side_by_side

pytestmark = pytest.mark.django_db


def test_a_token_is_shown_once_and_kept_as_a_digest() -> None:
    user = UserFactory()
    text, token = issue_token(user=user, name="laptop", scopes=["read", "write"])
    assert text.startswith("mlp_")
    assert token.prefix == text[:12]
    assert text.encode() not in bytes(ApiToken.objects.get().sha256)
    found = verify_token(text)
    assert found is not None
    assert (found.user, found.scopes) == (user, ["read", "write"])


def test_a_token_issued_under_a_name_again_replaces_the_first() -> None:
    user = UserFactory()
    first, _ = issue_token(user=user, name="laptop", scopes=["read"])
    second, _ = issue_token(user=user, name="laptop", scopes=["read"])
    assert verify_token(first) is None
    assert verify_token(second) is not None


@pytest.mark.django_db(transaction=True)
def test_tokens_issued_side_by_side_under_a_name_leave_one() -> None:
    user = UserFactory()
    texts: list[str] = []
    side_by_side(lambda: texts.append(issue_token(user=user, name="laptop", scopes=["read"])[0]), times=4)
    assert ApiToken.objects.count() == 1
    assert sum(verify_token(text) is not None for text in texts) == 1


def test_a_name_is_one_user_s_own() -> None:
    for _ in range(2):
        issue_token(user=UserFactory(), name="laptop", scopes=["read"])
    assert ApiToken.objects.count() == 2


def test_use_is_noted_at_most_once_a_minute(django_assert_num_queries: Any) -> None:
    text, _ = issue_token(user=UserFactory(), name="t", scopes=["read"])
    verify_token(text)
    first = ApiToken.objects.get().last_used_at
    with django_assert_num_queries(1):
        verify_token(text)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=timezone.now() - dt.timedelta(minutes=2))
    verify_token(text)
    assert ApiToken.objects.get().last_used_at >= first


def test_a_token_that_is_revoked_expired_or_of_an_inactive_user_is_refused() -> None:
    text, token = issue_token(user=UserFactory(), name="t", scopes=["read"])
    user = token.user
    user.is_active = False
    user.save()
    assert verify_token(text) is None
    user.is_active = True
    user.save()
    ApiToken.objects.update(expires_at=timezone.now())
    assert verify_token(text) is None
    ApiToken.objects.update(expires_at=timezone.now() + dt.timedelta(days=1))
    assert verify_token(text) is not None
    for _ in range(2):
        revoke_token(token_id=token.pk)
    assert verify_token(text) is None
    with pytest.raises(NotFoundError):
        revoke_token(token_id=0)


@pytest.mark.parametrize("text", ["", "mlp_", "mlp_wrong", "x" * 10_000, "\ud800", "mlp_\x00"])
def test_anything_else_is_no_token(text: str) -> None:
    assert verify_token(text) is None


@pytest.mark.parametrize(
    "details",
    [
        {"scopes": []}, {"scopes": ["root"]}, {"expires_in_days": 0}, {"expires_in_days": 9_999},
        {"name": ""}, {"name": "x" * 101}, {"name": "a\x00"}, {"name": "\ud800"},
    ],
)  # fmt: skip
def test_a_bad_token_is_not_issued(details: dict[str, object]) -> None:
    with pytest.raises(BadInputError):
        issue_token(**{"user": UserFactory(), "name": "t", "scopes": ["read"], **details})
    assert ApiToken.objects.count() == 0
