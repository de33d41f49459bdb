"""What each page costs: asked in process, as an administrator and as staff whose rights are checked."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import Experiment, ExperimentPermission

from .pages import AdminPage, admin_pages

MOST_MS, MOST_STATEMENTS = 200.0, 15
HIDDEN_EXPERIMENTS = 20


@dataclass(frozen=True)
class PageCost:
    """One page: median and longest milliseconds on the server, statements, kilobytes of HTML."""

    model: str
    page: str
    p50_ms: float
    longest_ms: float
    statements: int
    kilobytes: float
    slowest_ms: float
    """Of its statements, in the last round."""
    status: int = HTTPStatus.OK

    @property
    def is_within(self) -> bool:
        """Whether it is as quick as it has to be."""
        is_quick = self.p50_ms <= MOST_MS and self.statements <= MOST_STATEMENTS
        return is_quick and self.status == HTTPStatus.OK


def measure_pages(*, rounds: int) -> Iterator[PageCost]:
    """Ask every page so many times; the first time, which fills the caches, is not counted."""
    administrator = User.objects.create_superuser("bench")
    client = _client_of(administrator)
    yield from (_cost(client, page, rounds) for page in admin_pages(administrator))
    staff = _staff()
    client = _client_of(staff)
    for page in admin_pages(staff):
        if page.kind == "list" or page.kind.startswith("search"):
            yield _cost(client, AdminPage(page.model, f"{page.kind}, as staff", page.url), rounds)


def _cost(client: Client, page: AdminPage, rounds: int) -> PageCost:
    seconds, statements, size, slowest = [], 0, 0, 0.0
    for _ in range(rounds + 1):
        with CaptureQueriesContext(connection) as captured:
            began = time.perf_counter()
            response = client.get(page.url)
            seconds.append(time.perf_counter() - began)
        statements = len(captured)
        size = len(b"".join(response)) if response.streaming else len(response.content)
        slowest = max((float(query["time"]) for query in captured), default=0.0)
    counted = [1_000 * each for each in seconds[1:]]
    return PageCost(
        model=page.model,
        page=page.kind,
        p50_ms=statistics.median(counted),
        longest_ms=max(counted),
        statements=statements,
        kilobytes=size / 1_024,
        slowest_ms=1_000 * slowest,
        status=response.status_code,
    )


def _staff() -> User:
    """Somebody with every right of the admin, from whom twenty experiments are hidden."""
    user = User.objects.create(username="bench-staff", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    none = ExperimentPermission.Level.NONE
    ExperimentPermission.objects.bulk_create(
        ExperimentPermission(experiment=each, user=user, level=none)
        for each in Experiment.objects.order_by("pk")[:HIDDEN_EXPERIMENTS]
    )
    return user


def _client_of(user: User) -> Client:
    # one page that fails must not lose the figures of all others: its status is told
    client = Client(headers={"host": "127.0.0.1"}, raise_request_exception=False)
    client.force_login(user)
    return client
