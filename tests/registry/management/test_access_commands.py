import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.models import ApiToken, ExperimentPermission
from registry.services.api_tokens import verify_token
from tests.factories import ExperimentFactory, UserFactory

pytestmark = pytest.mark.django_db


def run(*words: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue().strip()


def test_a_token_is_issued_listed_and_revoked() -> None:
    UserFactory.create(username="ada")
    text = run("api_token", "issue", "ada", "--name", "laptop", "--scopes", "read", "--days", "7")
    token = verify_token(text)
    assert token is not None
    assert (token.user.username, token.scopes) == ("ada", ["read"])
    (row,) = json.loads(run("api_token", "list", "--user", "ada", "--json"))
    assert (row["name"], row["scopes"], row["state"]) == ("laptop", "read", "valid")
    assert text not in run("api_token", "list")
    assert run("api_token", "revoke", "ada", "laptop") == "Revoked 'laptop' of ada."
    assert verify_token(text) is None
    assert json.loads(run("api_token", "list", "--json"))[0]["state"] == "revoked"


def test_no_tokens_are_no_table() -> None:
    assert run("api_token", "list") == "There are no tokens. Issue one: manage.py api_token issue USER"


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (["issue", "nobody"], "There is no user named 'nobody'."),
        (["issue", "ada", "--days", "0"], "A token lasts between 1 and"),
        (["list", "--user", "nobody"], "There is no user named"),
        (["revoke", "ada", "none"], "ada has no token named 'none'."),
    ],
)
def test_a_token_command_that_fails_says_why(words: list[str], cause: str) -> None:
    UserFactory.create(username="ada")
    with pytest.raises(CommandError, match=cause):
        run("api_token", *words)
    assert ApiToken.objects.count() == 0


def test_a_level_is_granted_listed_and_revoked() -> None:
    UserFactory.create(username="ada")
    ExperimentFactory.create(name="first")
    assert run("permission", "list").startswith("Nobody was granted a level.")
    assert run("permission", "grant", "first", "ada", "EDIT") == "ada has EDIT in first."
    wanted = [{"experiment": "first", "user": "ada", "level": "EDIT"}]
    assert json.loads(run("permission", "list", "--json")) == wanted
    assert json.loads(run("permission", "list", "--experiment", "first", "--user", "ada", "--json")) == wanted
    assert run("permission", "revoke", "first", "ada") == "ada has the default level in first again."
    assert ExperimentPermission.objects.count() == 0


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (["grant", "none", "ada", "EDIT"], "There is no experiment named 'none'."),
        (["grant", "first", "nobody", "EDIT"], "There is no user named 'nobody'."),
        (["grant", "first", "ada", "ROOT"], "invalid choice: 'ROOT'"),
        (["revoke", "first", "ada"], "'ada' has no level of their own in 'first'."),
    ],
)
def test_a_permission_command_that_fails_says_why(words: list[str], cause: str) -> None:
    UserFactory.create(username="ada")
    ExperimentFactory.create(name="first")
    with pytest.raises(CommandError, match=cause):
        run("permission", *words)
