"""Death at every step of archiving and restoring: nothing is lost, and the same command goes on."""

import itertools
from typing import Any

import pytest

from registry.crash_points import CRASH_POINTS

from .archive_operations import EVENTS, POINTS, RUNS
from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(400)]
ARCHIVES = tuple(name for name in CRASH_POINTS if name.startswith(("archive.", "restore.", "hdf5.")))
TAKING = tuple(name for name in ARCHIVES if name.startswith("archive."))
RESTORING = tuple(name for name in ARCHIVES if name.startswith("restore."))
OF_EVENTS_ALONE = ("archive.while_deleting", "restore.while_inserting")
ROWS = {"metrics": POINTS * RUNS, "events": EVENTS}
CASES = [
    (kind, name)
    for kind, name in itertools.product(ROWS, ARCHIVES)
    if kind == "events" or name not in OF_EVENTS_ALONE
]


def count(kind: str, told: dict[str, Any]) -> int:
    return int(told["points"][1]) if kind == "metrics" else len(told["events"])


@pytest.mark.parametrize(("kind", "point"), [case for case in CASES if case[1] in TAKING])
def test_who_dies_while_archiving_loses_nothing_and_the_command_goes_on(
    zygote: Zygote, kind: str, point: str
) -> None:
    """The second of two files is the one under way."""
    _, before = zygote.do("archive_fill")
    lived, _ = zygote.do("archive", kind=kind, crash_at=f"{point}:2")
    assert not lived
    _, left = zygote.do("archive_told")
    # in the store, or in a file that was read back just now; events may be in both
    assert count(kind, left) + left["archived"] >= ROWS[kind]
    _, after = zygote.do("archive", kind=kind)
    assert (count(kind, after), after["archived"]) == (0, ROWS[kind])
    assert (set(after["states"]), after["folders"]) == ({"taken"}, 2)
    _, back = zygote.do("archive_restore")
    assert (back["points"], back["events"]) == (before["points"], before["events"])


@pytest.mark.parametrize(("kind", "point"), [case for case in CASES if case[1] in RESTORING])
def test_who_dies_while_restoring_loses_nothing_and_the_command_goes_on(
    zygote: Zygote, kind: str, point: str
) -> None:
    _, before = zygote.do("archive_fill")
    zygote.do("archive", kind=kind)
    lived, _ = zygote.do("archive_restore", crash_at=f"{point}:1")
    assert not lived
    _, left = zygote.do("archive_told")
    assert count(kind, left) + left["archived"] >= ROWS[kind]
    _, back = zygote.do("archive_restore")
    assert (back["points"], back["events"]) == (before["points"], before["events"])
    assert set(back["states"]) == {"restored"}


def test_a_file_whose_import_dies_is_registered_by_the_same_command(zygote: Zygote) -> None:
    lived, _ = zygote.do("import_hdf5", crash_at="hdf5.before_commit:1")
    assert not lived
    _, again = zygote.do("import_hdf5")
    assert again == {"is_new": True, "windows": [0.0, 1.0, 2.0], "files": ["recorded.h5"]}
    _, thrice = zygote.do("import_hdf5")
    assert thrice == again | {"is_new": False}
