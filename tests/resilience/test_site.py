"""The real site (gunicorn) while its real servers are killed or hung (SIGSTOP)."""

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mlplatform_site.demo.browser import Visitor
from mlplatform_site.demo.web import free_port
from tests.private_stack import PrivateStack, running_stack
from tests.resilience.timing import until

pytestmark = [pytest.mark.fault, pytest.mark.slow]
SEEDED = """
from django.contrib.auth import get_user_model
from registry.tracking import Tracker
get_user_model().objects.create_superuser("ada", password="lovelace")
with Tracker(user="ada").start_run(experiment="e", model_name="m", config={"depth": 7}) as run:
    run.log_metric("loss", 0.5)
print(run.run_id)
"""
FEATURED = """
from django.contrib.auth import get_user_model
from django.utils import timezone
from features.models import Entity, Feature, FeatureView
from features.queries.view_schemas import view_schema
from features.services.online_features import OnlineRow, write_online_features
from registry.services.api_tokens import issue_token
view = FeatureView.objects.create(name="v", entity=Entity.objects.create(name="c", join_keys=["c"]))
Feature.objects.create(view=view, name="x", value_type="float")
write_online_features(view=view_schema("v"), rows=[OnlineRow("a", timezone.now(), {"x": 1.0})])
ada = get_user_model().objects.get()
for name in ("good", "revoked"):
    print(issue_token(user=ada, name=name, scopes=["read", "write"])[0])
"""
REVOKED = "from registry.models import *; ApiToken.objects.filter(name='revoked').update(revoked_at='2020-01-01T00Z')"
DEADLINE_SECONDS = 5.0
SLACK_SECONDS = 3.0  # rendering, and two busy cores


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str
    seconds: float


@dataclass
class Site:
    stack: PrivateStack
    url: str
    run_id: str
    visitor: Visitor

    def get(self, path: str) -> Answer:
        began = time.monotonic()
        try:
            response = self.visitor._opener.open(self.url + path, timeout=30)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            body = response.read().decode()
            return Answer(response.status, dict(response.headers), body, time.monotonic() - began)

    def features(self, token: str, path: str = "/get-online-features") -> int:
        """The status of a request for features, or of another with the same body."""
        request = urllib.request.Request(  # noqa: S310 (the site of this test)
            self.url + path,
            b'{"features": ["v:x"], "entities": {"c": ["a"]}}',
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 (as above)
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code

    @property
    def run_page(self) -> str:
        return f"/runs/{self.run_id}/"

    def answers(self) -> bool:
        return self.get(self.run_page).status == 200 and self.get("/runs/").status == 200

    def bodies_are_back(self) -> bool:
        return all("MongoDB does not answer" not in self.get(self.run_page).body for _ in range(3))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateStack]:
    with running_stack(tmp_path_factory, "resilience") as stack:
        yield stack


@pytest.fixture(scope="module")
def site(stack: PrivateStack) -> Iterator[Site]:
    """One worker with four threads, so that every answer comes from the same breakers."""
    seeded = stack.manage("shell", "-v0", "-c", SEEDED)
    assert seeded.returncode == 0, seeded.stderr
    url = f"127.0.0.1:{free_port()}"
    process = stack.begin(
        [sys.executable, "-m", "gunicorn", "mlplatform_site.wsgi", "--bind", url, "--workers", "1",
         "--threads", "4", "--worker-class", "gthread", "--timeout", "60", "--no-control-socket",
         "--error-logfile", str(stack.folder / "gunicorn.log")]
    )  # fmt: skip
    site = Site(stack, f"http://{url}", seeded.stdout.split()[-1], Visitor(f"http://{url}"))
    try:
        until(lambda: is_up(site), seconds=60)
        assert site.visitor.log_in("ada", "lovelace").status == 302
        assert site.answers()
        yield site
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout:
            process.stdout.close()


def is_up(site: Site) -> bool:
    try:
        return site.get("/livez").status == 200
    except urllib.error.URLError:
        return False


def test_with_mongodb_hung_pages_answer_and_mark_the_body(site: Site) -> None:
    with site.stack.hung("mongodb"):
        pages = [site.get(site.run_page) for _ in range(8)]
        assert [page.status for page in pages] == [200] * 8
        assert all("MongoDB does not answer" in page.body and "0.5" in page.body for page in pages)
        assert max(page.seconds for page in pages) < 2.5 + SLACK_SECONDS
        # The breaker is open: no page but the probe waits; one may have had a bad moment.
        assert sorted(page.seconds for page in pages[3:])[2] < 1
    until(site.bodies_are_back, seconds=40)


def test_with_both_redis_hung_pages_and_login_are_served_by_postgresql(site: Site) -> None:
    with site.stack.hung("redis-cache", "redis-store"):
        pages = [site.get("/runs/") for _ in range(6)]
        assert [page.status for page in pages] == [200] * 6
        assert max(page.seconds for page in pages) < 5
        stranger = Visitor(site.url)
        assert stranger.log_in("ada", "lovelace").status == 302
        assert stranger.get("/runs/").status == 200
    assert site.answers()


def test_with_postgresql_hung_pages_are_503_in_time_and_come_back(site: Site) -> None:
    with site.stack.hung("postgres"):
        pages = [site.get("/runs/") for _ in range(5)]
        assert [page.status for page in pages] == [503] * 5
        assert all(page.headers["Retry-After"] == "10" for page in pages)
        assert max(page.seconds for page in pages) < DEADLINE_SECONDS + SLACK_SECONDS
        assert min(page.seconds for page in pages[3:]) < 1  # one of them may be the probe
        ready = site.get("/readyz")
        assert (ready.status, ready.seconds < 6) == (503, True)
        assert '"postgresql": "down"' in ready.body
        assert site.get("/livez").status == 200
    # The probe asks the server itself, so it knows before the breaker has let a call through.
    assert site.get("/readyz").status == 200
    until(site.answers, seconds=40)


def test_with_postgresql_hung_credentials_that_are_good_read_on_and_revoked_ones_do_not(site: Site) -> None:
    seeded = site.stack.manage("shell", "-v0", "-c", FEATURED)
    assert seeded.returncode == 0, seeded.stderr
    good, revoked = seeded.stdout.split()[-2:]
    assert [site.features(each) for each in (good, revoked)] == [200, 200]
    assert site.stack.manage("shell", "-v0", "-c", REVOKED).returncode == 0
    until(lambda: site.features(revoked) == 401, seconds=20)
    assert site.features(good) == 200
    with site.stack.hung("postgres"):
        found = [site.features(good) for _ in range(5)]
        assert (set(found) <= {200, 503}, found[-1]) == (True, 200)
        assert site.features(revoked) == 503
        assert site.features(good, "/push") == 503
    until(site.answers, seconds=40)


@pytest.mark.parametrize("server", ["postgres", "mongodb", "redis-cache"])
def test_a_killed_server_is_used_again_by_itself(site: Site, server: str) -> None:
    for pid in site.stack.tree(server):
        os.kill(pid, signal.SIGKILL)
    page = site.get("/runs/")
    assert page.status in ({200, 503} if server == "postgres" else {200})
    assert page.seconds < DEADLINE_SECONDS + SLACK_SECONDS
    until(lambda: site.get("/readyz").body.count('"ok"') == 5, seconds=40)
    until(lambda: site.answers() and site.bodies_are_back(), seconds=40)
