"""One experiment, with everyone who may meet it."""

import base64
import datetime as dt
import json
from dataclasses import dataclass, field
from functools import cache
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.utils import timezone

from features.models import Entity, Feature, FeatureView, Materialization
from features.queries.customer_facts import customer_facts
from features.services.profile_requesting import request_profile
from mlplatform_site.middleware import is_for_programs
from registry.enums import RunStatus
from registry.models import (
    ApiToken,
    Archive,
    ArchivedRun,
    Backfill,
    Deployment,
    Divergence,
    DualWrite,
    Import,
    ImportedItem,
    LoggedModel,
    ModelAlias,
    ModelVersion,
    ReconcileReport,
    RunNote,
    Saga,
    SavedView,
    TrainingRun,
)
from registry.services.api_tokens import issue_token, revoke_token
from registry.services.artifacts import log_artifact
from registry.services.permissions import grant_permission
from registry.services.run_log import add_note
from tests.factories import (
    CustomerFactory,
    CustomerScoreFactory,
    DatasetFactory,
    ExperimentFactory,
    LoggedModelFactory,
    MetricFactory,
    ModelVersionFactory,
    OnboardingFactory,
    ProfileRequestFactory,
    PurchaseFactory,
    RatingFactory,
    RegisteredModelFactory,
    RunFactory,
    UserFactory,
)
from tests.factories.activity import activity_event, alert, alert_rule, hourly_activity
from tests.features.served import churn_bytes

ALL = ("read", "write", "admin")
LEVELS = {
    "viewer": "READ",
    "editor": "EDIT",
    "manager": "MANAGE",
    "stranger": "NO_PERMISSIONS",
    "guest": "READ",
}
FORGETFUL = ("django_session", "registry_apitoken", "registry_outboxentry")
"""Tables that asking alone may change: the session's expiry, a token's last use, and what MongoDB is owed,
which a reader of a body has delivered (as ``body_version`` says)."""


FORM = "application/x-www-form-urlencoded"
COLUMNS = """
SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND column_name <> 'body_version'
    AND table_name <> ALL (%s)
GROUP BY table_name
"""


@dataclass
class World:
    """What is there, and how each role asks: a token in the API, a cookie everywhere else."""

    run: TrainingRun
    source: TrainingRun
    saga_id: str
    deployment_id: str
    metric_id: int
    logged_model: LoggedModel
    users: dict[str, User]
    import_id: int
    onboarding_id: str
    customer_id: str
    tokens: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def ask(self, role: str, method: str, path: str, body: Any = None) -> int:
        """The answer's status."""
        answer = self.answer(role, method, path, body)
        if answer.streaming:
            answer.getvalue()
        return int(answer.status_code)

    def answer(self, role: str, method: str, path: str, body: Any = None) -> Any:
        """The answer; never an exception, since that would be a 500."""
        headers = {}
        user = self.users.get("administrator" if role == "cookie" else role)
        is_api = is_for_programs(path)
        if role in self.tokens and (is_api or user is None):
            headers["Authorization"] = f"Bearer {self.tokens[role]}"
        has_cookie = user is not None and (role == "cookie" or not is_api)
        # One client, since each makes the middleware anew.
        self.client.cookies = SimpleCookie(self.cookies[user.username] if has_cookie else "")
        if is_api:
            data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
            return self.client.generic(method, path, data, content_type="application/json", headers=headers)
        if isinstance(body, dict):
            return self.client.generic(method, path, urlencode(body, doseq=True), FORM, headers=headers)
        return self.client.generic(method, path, headers=headers)

    def log_in(self, user: User) -> None:
        """Keep a session cookie of the user."""
        self.client.cookies.clear()
        self.client.force_login(user)
        self.cookies[user.username] = self.client.cookies.output(header="")


def make_world() -> World:
    """Roles: see ``answers.ROLES``."""
    run = RunFactory.create(
        experiment=ExperimentFactory.create(name="e"), status=RunStatus.RUNNING, name="the run"
    )
    # Models are made elsewhere, under the same levels: what a version was made from can't be purged.
    source = RunFactory.create(experiment=ExperimentFactory.create(name="e2"))
    users = {role: UserFactory.create(username=role) for role in LEVELS}
    users["staff"] = UserFactory.create(username="staff", is_staff=True)
    users["administrator"] = User.objects.create_superuser("administrator")
    for role, level in LEVELS.items():
        for each in (run, source):
            grant_permission(experiment=each.experiment, user=users[role], level=level, by=None)
    for each in (run, source):
        log_artifact(run_id=each.run_id, path="model/file.txt", content=b"any")
    log_artifact(run_id=source.run_id, path="model/model.skops", content=churn_bytes(1))
    add_note(run_id=run.run_id, text="for the outbox")
    version = _champion(source)
    saga = Saga.objects.create(kind="purge", created_by=users["manager"])
    deployment_id = _everything_else(version)
    logged_model = LoggedModelFactory.create(source_run=run)
    metric_id = MetricFactory.create(run=run).pk
    imported = Import.objects.create(kind="csv", place="runs.csv", fingerprint="0" * 64)
    ImportedItem.objects.create(imported_by=imported, kind="run", source_id="1", our_id=source.run_id)
    world = World(
        run, source, saga.saga_id, deployment_id, metric_id, logged_model, users, import_id=imported.pk,
        onboarding_id=OnboardingFactory.create().onboarding_id,
        customer_id=_answered_customer(),
    )  # fmt: skip
    for user in users.values():
        world.log_in(user)
    world.tokens = {role: _token(user, "test") for role, user in users.items()}
    world.tokens |= _weak_tokens(users["manager"], users["administrator"])
    return world


def _champion(source: TrainingRun) -> ModelVersion:
    model = RegisteredModelFactory.create(name="m")
    version = ModelVersionFactory.create(model=model, number=1, run=source, artifact_path="model")
    ModelAlias.objects.create(model=model, alias="champion", version=version)
    return version


def _answered_customer() -> str:
    """A customer whose profile was computed, so that reading it asks for nothing."""
    customer, now = CustomerFactory.create(), timezone.now()
    ProfileRequestFactory.create(
        customer=customer,
        state="ready",
        facts={
            "churn": {"probability": None, "reason": "none"},
            "value": {"segment": None, "reason": "none"},
        },
        based_on=customer_facts(customer.customer_id).based_on,
        computed_at=now,
        answered_at=now,
    )
    return str(customer.customer_id)


def _everything_else(version: ModelVersion) -> str:
    """A row for every list of the admin; returns the deployment's id."""
    ReconcileReport.objects.create()
    Backfill.objects.create()
    move = DualWrite.objects.create(name="run_notes")
    Divergence.objects.create(dual_write=move, key="a/b", kind="only_old")
    archive = Archive.objects.create(archive_id="0" * 32, kind="metrics", before=timezone.now())
    archived = RunFactory.create(experiment=version.run.experiment)
    ArchivedRun.objects.create(archive=archive, run=archived, point_count=1)
    RunNote.objects.create(run=version.run, at=timezone.now(), text="good")
    _activity()
    RatingFactory.create()
    SavedView.objects.create(owner=UserFactory.create(), name="good", query="q=x")
    DatasetFactory.create(name="unused")
    Group.objects.create(name="group")
    deployment = Deployment.objects.create(model=version.model, version=version, environment="staging")
    entity = Entity.objects.create(name="customer", join_keys=["customer_id"])
    view = FeatureView.objects.create(name="spending", entity=entity)
    Materialization.objects.create(view=view, until=timezone.now(), snapshot="1:1:")
    Feature.objects.create(view=view, name="amount", value_type="float")
    return str(deployment.deployment_id)


def _activity() -> None:
    """What customers did, what was told of it, and a message that is owed to a queue."""
    PurchaseFactory.create()
    activity_event()
    hourly_activity()
    alert_rule()
    alert()
    request_profile(customer_id=CustomerScoreFactory.create().customer.customer_id)


def _token(user: User, name: str, *scopes: str) -> str:
    return issue_token(user=user, name=name, scopes=scopes or ALL)[0]


def _weak_tokens(manager: User, administrator: User) -> dict[str, str]:
    """Tokens of people who may do everything, which nevertheless must not."""
    tokens = {
        "reading token": _token(manager, "reading", "read"),
        "expired token": _token(administrator, "expired"),
        "revoked token": _token(administrator, "revoked"),
    }
    past = timezone.now() - dt.timedelta(seconds=1)
    ApiToken.objects.filter(name="expired").update(expires_at=past)
    revoke_token(token_id=ApiToken.objects.get(name="revoked").pk)
    return tokens


def fingerprint() -> dict[str, tuple[int, str]]:
    """Each table's number of rows and digest of their content (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(_digests())
        return {name: (rows, digest) for name, rows, digest in cursor.fetchall()}


@cache
def _digests() -> str:
    # Of columns, not of texts: asked twice for every route, that is eight times as fast.
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [list(FORGETFUL)])
        return " UNION ALL ".join(
            f"SELECT '{table}', count(*), sum(hash_record_extended(ROW({columns}), 0))::text FROM {table}"  # noqa: S608
            for table, columns in cursor.fetchall()
        )


def basic(username: str, secret: str) -> str:
    """The header of Basic authentication."""
    return "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode()
