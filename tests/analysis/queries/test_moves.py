import datetime as dt

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import get_commands
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analysis.queries.moves import capture
from analysis.queries.moves.import_report import COMMANDS, import_detail
from analysis.queries.moves.imports import import_page, open_imports, short_name
from analysis.queries.moves.page import moves_line, moves_page
from analysis.queries.moves.permissions import move_rights
from registry.exceptions import NotFoundError
from registry.models import Backfill, DualWrite, Experiment, Import, ImportedItem
from registry.services.permissions import grant_permission
from registry.sync.capture.slots import SlotState
from registry.sync.capture.status import CaptureStatus
from tests.analysis.queries.moves_world import PLACE, fill_moves, imported
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo", "redis_keys")]


@pytest.fixture
def ada() -> User:
    return User.objects.create_superuser("ada")


def test_everything_that_moves_comes_in_ten_statements(ada: User) -> None:
    fill_moves(ada)
    with CaptureQueriesContext(connection) as asked:
        page = moves_page(ada)
    assert len(asked) <= 10
    assert page.rights.hidden == []
    assert [card.word for card in page.consumers] == ["not set up", "not set up"]
    assert page.moves is not None
    (move,) = page.moves
    assert [stage.word for stage in move.stages if stage.is_current] == ["Verify"]
    assert [stage.word for stage in move.stages if stage.is_passed] == ["Off", "Shadow"]
    assert (move.status.divergences, move.status.mended, move.next_step) == (1, 1, "Read from the new")
    assert [sample.new for sample in move.status.samples] == [{"text": "as it is"}]
    assert page.backfills is not None
    assert (page.backfills[0].rate, page.backfills[0].word) == (3_000.0, "not verified")
    assert page.backfills[0].chosen == "since 2026-01-02, of pets, every body anew"
    assert page.archives is not None
    assert (page.archives[0].short_id, page.archives[0].can_restore) == ("3f2a91c0", True)
    assert page.imports is not None
    assert [(row.name, row.who, row.refused) for row in page.imports.rows] == [
        ("runs of 2024.csv", "ada", 1_000)
    ]


def test_a_platform_where_nothing_moved_has_empty_parts(ada: User) -> None:
    page = moves_page(ada)
    assert (page.backfills, page.archives) == ([], [])
    assert page.imports is not None
    assert page.imports.rows == []
    assert page.moves is not None
    assert [stage.word for stage in page.moves[0].stages if stage.is_current] == ["Off"]
    assert page.moves[0].status.since is None


def test_the_last_state_has_no_next_step(ada: User) -> None:
    DualWrite.objects.create(name="run_notes", state="done")
    moves = moves_page(ada).moves
    assert moves is not None
    assert moves[0].next_step == ""


def test_parts_are_shown_by_view_permissions_and_to_staff_alone() -> None:
    bob = UserFactory.create(username="bob")
    bob.user_permissions.add(Permission.objects.get(codename="view_import"))
    page = moves_page(bob)
    assert page.imports is None
    assert page.rights.hidden == ["dual write", "backfills", "imports", "archives"]
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    rights = move_rights(User.objects.get(pk=bob.pk))
    assert (rights.imports, rights.archives, rights.causes, rights.samples) == (True, False, True, False)


def test_imports_are_paged_without_offset(ada: User) -> None:
    for number in range(3):
        Import.objects.create(kind="csv", place=f"{number}.csv", fingerprint="0" * 64)
    first = import_page(size=2)
    assert [row.name for row in first.rows] == ["2.csv", "1.csv"]
    second = import_page(size=2, cursor=first.next_cursor)
    assert [row.name for row in second.rows] == ["0.csv"]
    assert (second.next_cursor, second.rows[0].length, second.rows[0].who) == ("", None, "")
    assert [row.name for row in import_page(size=2, cursor="forged").rows] == ["2.csv", "1.csv"]
    assert open_imports() == 3


def test_the_name_of_a_place_is_its_last_part() -> None:
    assert [short_name(place) for place in (PLACE, "mlruns/", "/")] == ["runs of 2024.csv", "mlruns", "/"]


def test_an_import_tells_what_it_made_refused_and_compared(ada: User) -> None:
    row = imported(ada)
    with CaptureQueriesContext(connection) as asked:
        found = import_detail(row.pk, viewer=ada)
    assert len(asked) <= 7
    assert {kind.title: (kind.made, kind.joined, len(kind.things)) for kind in found.kinds} == {
        "Experiment": (1, 0, 1),
        "Dataset": (1, 0, 1),
        "Run": (1, 1, 1),
        "Logged model": (1, 0, 0),
        "Registered model": (1, 0, 1),
    }
    assert (found.counted, found.refused, found.verified["runs"]) == (1_000, [("run", 1_000)], 2)
    assert [(problem.place, problem.cure) for problem in found.problems] == [("line 3", "Say RUNNING.")]
    assert (found.is_open, found.can_undo, found.command) == (
        False,
        True,
        f"import_runs_csv '{PLACE}'",
    )


def test_runs_of_others_are_counted_and_not_named(ada: User) -> None:
    row = imported(ada)
    bob = UserFactory.create()
    experiment = {kind.title: kind for kind in import_detail(row.pk, viewer=ada).kinds}["Experiment"]
    assert [name for _, name in experiment.things] == ["old runs"]
    grant_permission(
        experiment=Experiment.objects.get(name="old runs"), user=bob, level="NO_PERMISSIONS", by=None
    )
    kinds = {kind.title: kind for kind in import_detail(row.pk, viewer=bob).kinds}
    assert [(kinds[title].made, kinds[title].things) for title in ("Run", "Experiment")] == [(1, [])] * 2


def test_an_import_that_has_just_begun_has_nothing_to_tell(ada: User) -> None:
    row = Import.objects.create(kind="new", place="x", fingerprint="0" * 64)
    found = import_detail(row.pk, viewer=ada)
    assert (found.kinds, found.problems, found.is_open, found.command, found.who) == ([], [], True, "", "")


def test_there_is_no_such_import(ada: User) -> None:
    with pytest.raises(NotFoundError):
        import_detail(1, viewer=ada)


def test_a_walk_that_has_not_ended_says_so(ada: User) -> None:
    Backfill.objects.create()
    Backfill.objects.create(ended_at=dt.datetime.now(dt.UTC), is_verified=True)
    walks = moves_page(ada).backfills
    assert walks is not None
    assert [(walk.word, walk.rate, walk.chosen) for walk in walks] == [
        ("verified", None, "all runs"),
        ("not ended", None, "all runs"),
    ]


def test_one_line_tells_what_the_viewer_may_know(ada: User) -> None:
    fill_moves(ada)
    Import.objects.create(kind="csv", place="x", fingerprint="0" * 64)
    line = moves_line(ada)
    assert (line.moves, line.open_imports) == ([("run_notes", "verify")], 1)
    assert [word for _, word, _ in line.consumers] == ["not set up", "not set up"]
    nobody = moves_line(UserFactory.create())
    assert (nobody.moves, nobody.open_imports, len(nobody.consumers)) == ([], 0, 2)


@pytest.mark.parametrize(
    ("retained", "room", "share", "bound"),
    [(25, 75, 0.25, 100), (0, 0, 1.0, 0), (25, None, 0.0, None), (None, None, 0.0, None)],
)
def test_what_is_kept_of_the_log_stands_beside_its_bound(
    retained: int | None, room: int | None, share: float, bound: int | None
) -> None:
    status = CaptureStatus("cache", "running", 5, 1.5, 2, 3, "0/1", "slot", "reserved", retained, room)
    card = capture._card(status)
    assert (card.share, card.bound_bytes, card.store, card.coverage) == (share, bound, "redis-cache", None)
    assert card.applied_at is not None
    assert card.drawn_share == (max(share, capture.SLIVER) if share else 0)


@pytest.mark.parametrize(
    ("status", "pid", "word"),
    [("reserved", 7, "at work"), ("reserved", None, "not running"), ("lost", None, "lost")],
)
def test_the_line_tells_a_slot_in_a_word(status: str, pid: int | None, word: str) -> None:
    slot = SlotState("s", 0, 5, 5, status, None, pid, "", None)
    assert capture._line("MongoDB", slot) == ("MongoDB", word, 5)


def test_without_mongodb_the_page_stands(ada: User, mongodb_away: None) -> None:
    words = {card.status.consumer: (card.word, card.coverage) for card in moves_page(ada).consumers}
    assert words["documents"] == ("store away", None)


def test_a_store_that_goes_away_between_two_questions_leaves_the_card(mongodb_away: None) -> None:
    status = CaptureStatus("documents", "running", 5, 1.5, 2, 3, "0/1", "slot", "reserved", 1, 1)
    assert (capture._card(status).coverage, capture._card(status).store) == (None, "mongodb")


def test_what_an_import_joined_is_counted_and_not_listed(ada: User) -> None:
    row = Import.objects.create(kind="csv", place="x", fingerprint="0" * 64)
    ImportedItem.objects.create(imported_by=row, kind="dataset", source_id="1", our_id="wine", is_new=False)
    (kind,) = import_detail(row.pk, viewer=ada).kinds
    assert (kind.title, kind.made, kind.joined, kind.things) == ("Dataset", 0, 1, [])


def test_every_command_that_goes_on_with_an_import_is_there() -> None:
    assert set(COMMANDS.values()) <= get_commands().keys()
