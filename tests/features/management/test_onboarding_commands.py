"""``manage.py onboard_customers`` and ``manage.py onboardings``."""

from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command

from features.management.commands import onboard_customers
from features.models import Onboarding
from features.onboarding.submitting import submit
from features.seeding import cdnow
from registry.messaging import Queues
from registry.models import Delivery
from tests.features.onboarding.people import applicant
from tests.working import work

pytestmark = pytest.mark.django_db


def said(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


@pytest.fixture
def people(tmp_path: Path) -> Path:
    lines = [
        f"{name},{name}@example.com,Lyon,FR,2026-01-0{day}T00:00:00Z" for day, name in enumerate("abc", 1)
    ]
    path = tmp_path / "people.csv"
    path.write_text("\n".join(["name,email,city,country,joined_at", *lines]), encoding="utf-8")
    return path


def test_a_file_is_taken_on_once(people: Path) -> None:
    assert said("onboard_customers", f"--from={people}", "--dry-run") == "3 customers would be taken on.\n"
    assert not Onboarding.objects.exists()
    taken = said("onboard_customers", f"--from={people}", "--no-wait", "--speed=1000000x")
    assert taken.startswith("3 customers taken on: 0 done, 0 refused, 3 on their way")
    again = orjson.loads(said("onboard_customers", f"--from={people}", "--json"))
    assert (again["total"], again["taken"], Onboarding.objects.count()) == (0, 0, 3)


def test_where_nobody_works_it_says_so(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onboard_customers, "PATIENCE_SECONDS", 0.2)
    with pytest.raises(CommandError, match="2 are on their way.*Does a worker run"):
        said("onboard_customers", f"--from={people}", "--limit=2")


def test_cdnow_is_taken_on_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    head = list(islice(cdnow.transactions(), 20))
    monkeypatch.setattr(cdnow, "transactions", lambda: iter(head))
    said("onboard_customers", "--limit=2", "--no-wait")
    first, second = Onboarding.objects.order_by("pk")
    assert (first.source, first.is_synthetic, first.joined_at <= second.joined_at) == ("cdnow", True, True)


@pytest.mark.parametrize("wrong", ["--speed=0x", "--speed=fast", "--limit=0", "--from=none.csv"])
def test_a_wrong_argument_is_refused(wrong: str) -> None:
    with pytest.raises(CommandError):
        said("onboard_customers", wrong)


@pytest.mark.usefixtures("broker", "redis_keys")
def test_onboardings_are_listed_shown_and_taken_on_again() -> None:
    refused, held_up = (
        submit(application=applicant(city="Lyno")),
        submit(application=applicant(email="b@x.org", city="Lyom")),
    )
    work(Queues.ONBOARDING, is_early=True)  # no feature view is defined, so there are no first features
    assert Delivery.objects.get(state="dead").message.name == "onboarding.features"
    listed = said("onboardings", "list")
    assert "2 onboardings: 0 done, 0 on their way, 1 held up, 1 refused." in listed
    assert len(orjson.loads(said("onboardings", "list", "--json", "--state=stuck"))) == 1
    assert len(orjson.loads(said("onboardings", "list", "--json", "--state=refused"))) == 1
    assert [each["city"] for each in orjson.loads(said("onboardings", "list", "--json"))] == [
        "Lyon (given as Lyom), FR", "Lyno, FR"
    ]  # fmt: skip
    assert "Was it Lyon" in said("onboardings", "show", str(refused.onboarding_id))
    shown = orjson.loads(said("onboardings", "show", str(held_up.onboarding_id), "--json"))
    assert (shown["state"], shown["steps"][3]["state"]) == ("stuck", "stuck")
    assert said("onboardings", "retry", "--all").startswith("1 onboardings go on")
    with pytest.raises(CommandError, match="nothing holds it up"):
        said("onboardings", "retry", str(held_up.onboarding_id))
    for words in (["retry"], ["retry", "--all", "x"], ["show", "x"]):
        with pytest.raises(CommandError):
            said("onboardings", *words)
