import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from registry.models import Import
from tests.analysis.queries.moves_world import PLACE, fill_moves
from tests.factories import UserFactory
from tests.features.away import redis_is_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo", "redis_keys")]


def test_the_page_shows_every_part_with_its_command(admin: Client) -> None:
    row = fill_moves(User.objects.get())
    html = admin.get("/stores/moves/").content.decode()
    for text in (
        "manage.py cdc run",
        "manage.py dual_write repair run_notes",
        "as it was",
        "1,234",
        "Its body is too large.",
        "manage.py migrate_runs_to_mongo",
        PLACE,
        f"/stores/moves/imports/{row.pk}/",
        "manage.py archive restore 3f2a91c0",
    ):
        assert text in html


def test_an_empty_page_says_how_each_part_begins(admin: Client) -> None:
    html = admin.get("/stores/moves/").content.decode()
    for text in (
        "manage.py cdc run --consumer documents",
        "manage.py dual_write advance run_notes",
        "manage.py import_runs_csv runs.csv --dry-run",
        "manage.py migrate_runs_to_mongo --dry-run",
        "manage.py archive metrics --before",
    ):
        assert text in html


def test_who_may_not_see_sources_sees_change_capture_alone(client: Client) -> None:
    row = fill_moves(UserFactory.create())
    client.force_login(UserFactory.create())
    html = client.get("/stores/moves/").content.decode()
    assert "Change capture" in html
    assert "Not shown: dual write, backfills, imports, archives." in html
    for secret in (PLACE, "as it was", "3f2a91c0"):
        assert secret not in html
    assert client.get(f"/stores/moves/imports/{row.pk}/").status_code == 403


def test_an_import_shows_problems_things_and_the_way_back(admin: Client) -> None:
    row = fill_moves(User.objects.get())
    html = admin.get(f"/stores/moves/imports/{row.pk}/").content.decode()
    for text in (
        "The status is &#x27;RUNING&#x27;.",
        "Say RUNNING.",
        "The first 1 of 1,000.",
        ">brought</a>",
        ">old runs</a>",
        ">brought-model</a>",
        f"manage.py imports undo {row.pk} --yes",
        "manage.py import_runs_csv",
    ):
        assert text in html


def test_an_import_that_stopped_says_how_to_go_on(admin: Client) -> None:
    row = Import.objects.create(kind="csv", place="x.csv", fingerprint="0" * 64)
    html = admin.get(f"/stores/moves/imports/{row.pk}/").content.decode()
    assert "goes on where it stopped" in html
    assert admin.get("/stores/moves/imports/0/").status_code == 404


def test_without_redis_the_rest_of_the_page_stands(admin: Client, settings: LazySettings) -> None:
    fill_moves(User.objects.get())
    with redis_is_away(settings, "CACHE"):
        html = admin.get("/stores/moves/").content.decode()
    assert "Store away" in html
    assert PLACE in html


def test_without_mongodb_the_rest_of_the_page_stands(admin: Client, mongodb_away: None) -> None:
    fill_moves(User.objects.get())
    html = admin.get("/stores/moves/").content.decode()
    assert "Store away" in html
    assert "PostgreSQL keeps the changes meanwhile" in html
    assert PLACE in html


def test_the_overview_has_a_line_of_what_moves(admin: Client) -> None:
    fill_moves(User.objects.get())
    html = admin.get("/").content.decode()
    assert 'href="/stores/moves/"' in html
    assert "run_notes" in html
